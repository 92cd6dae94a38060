namespace Notebook.Simulator.Reports;

/// <summary>What the page about runs looks like, and what its words mean.</summary>
internal static class PageStyle
{
    internal const string Css =
        """
        body { margin: 0; background: #fff; color: #1f2937; font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 1060px; margin: 0 auto; padding: 24px 24px 64px; }
        h1 { font-size: 26px; margin: 8px 0 4px; }
        h2 { font-size: 20px; margin: 40px 0 6px; border-top: 1px solid #e5e7eb; padding-top: 22px; }
        h3 { font-size: 15px; margin: 18px 0 2px; }
        p { margin: 4px 0 10px; max-width: 80ch; }
        .lead { color: #4b5563; }
        .partial { max-width: none; background: #fef2f2; border: 2px solid #dc2626; border-radius: 6px; padding: 10px 14px; color: #991b1b; }
        figure { margin: 6px 0 14px; }
        figcaption { font-weight: 600; margin-top: 10px; }
        svg { width: 100%; height: auto; display: block; font: 12px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
        svg text { fill: #4b5563; }
        svg text.axis { fill: #1f2937; }
        svg text.name { fill: #1f2937; font-size: 14px; font-weight: 600; }
        svg text.strong { fill: #1f2937; font-weight: 600; font-size: 13px; }
        .hover { fill: #111827; fill-opacity: 0; }
        .hover:hover { fill-opacity: 0.08; }
        .pair { display: flex; flex-wrap: wrap; gap: 24px; }
        .pair figure { flex: 1 1 440px; }
        .legend span { white-space: nowrap; margin-right: 18px; }
        .headline { font-size: 16px; margin-top: 16px; }
        .headline td { font-weight: 600; }
        .headline i { display: inline-block; width: 22px; vertical-align: middle; margin-right: 10px; }
        .headline thead th { font-weight: normal; color: #4b5563; font-size: 13px; }
        .headline tbody tr > th:first-child { min-width: 170px; }
        .legend i { display: inline-block; width: 26px; vertical-align: middle; margin-right: 7px; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; margin: 8px 0 18px; font-variant-numeric: tabular-nums; }
        th, td { padding: 3px 16px 3px 0; text-align: right; white-space: nowrap; border-bottom: 1px solid #f3f4f6; }
        td { padding-left: 16px; }
        tr > th:first-child { text-align: left; font-weight: normal; min-width: 260px; }
        thead th { border-bottom: 2px solid #d1d5db; }
        thead tr > th:first-child { font-weight: 600; }
        tr.part th { font-weight: 600; padding-top: 14px; }
        dt { font-weight: 600; margin-top: 8px; }
        dd { margin: 0; max-width: 80ch; }

        """;

    internal const string Definitions =
        """
        <h3>Words</h3>
        <dl>
        <dt>busy, leased, provisioned</dt><dd>GPUs that the code of cells runs on; GPUs given to cells, or to kernels that keep them; GPUs of servers that are paid for, from the order to start one to its end.</dd>
        <dt>reservation would hold</dt><dd>Each session's GPUs from its first submission to its last cell's end, in a window to the window's end. It follows from the trace alone.</dd>
        <dt>saved</dt><dd>What reservation would hold less what was provisioned. An oracle has exactly the busy GPUs, and only then.</dd>
        <dt>interactivity delay, task completion time</dt><dd>From a cell's submission to the start of its code; from its submission to its reply.</dd>
        <dt>percentile</dt><dd>Nearest rank: the smallest measured value that at least that share of all values does not exceed.</dd>
        <dt>fairness</dt><dd>Jain's index over the mean slowdown of each session, a cell's slowdown being its task completion time over the time from its start to its reply, which counts as a second at least. 1 is even.</dd>
        <dt>subscription ratio</dt><dd>GPUs promised to replicas over GPUs provisioned and replicas of a kernel.</dd>
        </dl>

        """;
}
