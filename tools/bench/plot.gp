# SPDX-License-Identifier: GPL-2.0
# The plots of Documentation/performance.rst; see `plot`, which sets k<n>, k<n>_<row> and out. Those with panels
# have one for each kernel, to one scale. On white, so that the page around may be dark or light.

insns(row) = value(sprintf("k%d_%s", k, row))
over(row, floor) = insns(row) - insns(floor)
start(name, height) = sprintf("set term svg size 900,%d name '%s' font 'sans-serif,13' background '#ffffff' " . \
	"noenhanced; set output '%s/%s.svg'", height, name, out, name)

set style line 1 lc rgb "#949494" lw 2 pt 7 ps 0.7
set style line 2 lc rgb "#0072b2" lw 2 pt 7 ps 0.7	# ours
set style line 3 lc rgb "#d55e00" lw 2 pt 5 ps 0.7	# the kernel's
set style line 4 lc rgb "#009e73" lw 2 pt 9 ps 0.9	# others
set style histogram clustered gap 1
set style fill solid border rgb "#ffffff"
set border 3
set tics nomirror out
set grid ytics lc rgb "#dddddd" lt 1 lw 1
set key top left Left reverse samplen 1.5
# all numbers that are not on a logarithmic scale start at 0
set yrange [0:*]

# An XDP program on the lower, native and generic on the upper
eval start("generic", 420)
set multiplot layout 1,2 title "The same XDP program: on the lower, native on the upper, generic on the upper"
set bmargin 4
set ylabel "instructions per packet, veth and all"
set yrange [0:8000]
do for [k = 1:2] {
	set print $bars
	print '"drop,\nmacvlan" ', insns("lower_drop"), insns("macvlan_drop"), insns("macvlan_generic_drop")
	print '"drop,\nbond" ', insns("bond1_lower_drop"), insns("bond1_drop"), insns("stock_bond1_generic_drop")
	print '"redirect,\nmacvlan" ', insns("lower_redirect"), insns("macvlan_redirect"), \
		insns("macvlan_generic_redirect")
	print '"PASS to\na socket" ', insns("lower_pass_udp"), insns("macvlan_pass_udp"), \
		insns("macvlan_generic_pass_udp")
	unset print
	set title value(sprintf("k%d", k))
	set xrange [-0.6:3.6]
	plot $bars using 2:xtic(1) with histograms ls 1 title "lower", \
		"" using 3 with histograms ls 2 title "native", \
		"" using 4 with histograms ls 3 title "generic"
}
unset multiplot
unset bmargin

# Several programs on one device
eval start("chain", 420)
set multiplot layout 1,2 title "Programs on one device: a chain, tail calls, libxdp's dispatcher"
set xlabel "programs that return XDP_PASS"
set ylabel "instructions per packet over one program"
set yrange [0:800]
set xrange [0:33]
set xtics (1, 4, 8, 16, 32)
do for [k = 1:2] {
	set print $chain
	print 1, 0
	do for [n in "2 4 8 16 32"] {
		print n, over("chain_".n, "macvlan_pass")
	}
	set print $tail_calls
	print 1, 0
	do for [n in "2 4 8 16 32"] {
		print n, over("tail_calls_".n, "macvlan_pass")
	}
	set print $libxdp
	do for [n in "1 2 4 8 10"] {
		print n, over("libxdp_".n, "macvlan_pass")
	}
	unset print
	set title value(sprintf("k%d", k))
	plot $libxdp with linespoints ls 4 title "libxdp, 10 at most", \
		$tail_calls with linespoints ls 3 title "tail calls", \
		$chain with linespoints ls 2 title "chain"
}
unset multiplot

# A drop for one of many
eval start("uppers", 420)
set multiplot layout 1,2 title "A drop for one of N: macvlans with a program each, or one program on the lower"
set xlabel "macvlans with a program, or addresses in the map"
set ylabel "instructions over a drop on the lower"
set logscale xy
set xrange [0.7:6000]
set yrange [10:20000]
set xtics (1, 16, 256, 1024, 4096)
do for [k = 1:2] {
	set print $uppers
	print 1, over("macvlan_drop", "lower_drop"), over("macvlan_generic_drop", "lower_drop"), \
		over("stock_demux_drop_1", "lower_drop")
	do for [n in "16 256 1024 4096"] {
		print n, over("macvlan_drop_".n, "lower_drop"), over("macvlan_generic_drop_".n, "lower_drop"), \
			over("stock_demux_drop_".n, "lower_drop")
	}
	unset print
	set title value(sprintf("k%d", k))
	plot $uppers using 1:3 with linespoints ls 3 title "generic program", \
		"" using 1:4 with linespoints ls 4 title "one program with a map, on the lower", \
		"" using 1:2 with linespoints ls 2 title "native program"
}
unset multiplot
unset logscale
unset title

# Macvtap and what does its work: pairs of bars, 6.1's and 6.12's, ours blue
eval start("macvtap", 480)
set title "A frame to a virtual machine"
set xlabel "instructions per packet over a drop on the lower (blue: this project)"
unset ylabel
set style fill solid noborder
set grid noytics xtics
set xrange [0:*]
set xtics 1000
set lmargin 38
set rmargin 6
set yrange [7.9:-1.4]
set ytics scale 0
set key outside top right horizontal
set border 1
$names << EOD
"stock macvtap"
"macvtap, native PASS"
"stock macvtap, generic PASS"
"stock macvtap"
"map on the lower, redirect to a tap"
"redirect to a tap"
"macvtap, native PASS"
EOD
rows = "stock_macvtap_ring macvtap_pass_ring stock_macvtap_generic_pass_vhost stock_macvtap_vhost ". \
	"stock_demux_tap_vhost stock_tap_redirect_vhost macvtap_pass_vhost"
# with room for a heading above the first and the third
line(i) = i - 1 + (i > 2)
set print $bars
do for [i = 1:words(rows)] {
	row = word(rows, i)
	ours = row[1:5] eq "stock" ? 0 : 1
	y = line(i)
	do for [k = 1:2] {
		print y + (k - 1.5) * 0.4, over(row, "lower_drop_tap"), \
			ours ? (k == 1 ? 0x7fb8d8 : 0x0072b2) : (k == 1 ? 0xc4c4c4 : 0x808080)
	}
}
unset print
set ytics ("into the queue and out:" -0.9, "read by vhost-net:" 2.1)
do for [i = 1:words(rows)] {
	set ytics add ($names[i][2:strlen($names[i]) - 1] line(i))
}
plot $bars using ($2 / 2):1:($2 / 2):(0.19):3 with boxxyerrorbars lc rgb variable notitle, \
	"" using 2:1:(sprintf(" %.0f", $2)) with labels left offset 0.3 font ",11" notitle, \
	NaN with boxes lc rgb "#c4c4c4" title k1, NaN with boxes lc rgb "#808080" title k2
