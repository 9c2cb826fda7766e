using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Agora.Packaging.Alerts;

/// <summary>Alerts, their runbooks and what is measured go together.</summary>
public sealed partial class AlertTests
{
    private static readonly string[] RuleTestFiles = ["tests/Packaging/Alerts/rules.test.yml", "tests/Packaging/Alerts/days.test.yml", "tests/Packaging/Alerts/usual.test.yml"];
    private static readonly string Rules = Repository.Text("deploy/prometheus/rules/agora.yml");
    private static readonly string Runbooks = Repository.Text("docs/runbooks.md");
    private static readonly string RuleTests = string.Concat(RuleTestFiles.Select(Repository.Text));

    public static TheoryData<string> RulesTested => [.. RuleTestFiles];

    [PrometheusFact]
    public void Prometheus_takes_its_configuration_and_rules() =>
        Assert.Equal((0, ""), Promtool("check", "config", Repository.File("deploy/prometheus/prometheus.yml")));

    [PrometheusTheory]
    [MemberData(nameof(RulesTested))]
    public void Each_alert_rings_where_it_is_meant_to_and_is_silent_where_all_is_well(string tests) =>
        Assert.Equal((0, ""), Promtool("test", "rules", Repository.File(tests)));

    /// <summary>What the runbooks have whoever runs one machine write.</summary>
    [PrometheusFact]
    public void Prometheus_takes_the_configuration_that_the_runbooks_show()
    {
        var place = Directory.CreateTempSubdirectory("agora-prometheus-").FullName;
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(place, "deploy"), Repository.File("deploy"));
            File.WriteAllText(Path.Combine(place, "prometheus.yml"), Shown().Match(Runbooks).Groups[1].Value);

            Assert.Equal((0, ""), Promtool("check", "config", Path.Combine(place, "prometheus.yml")));
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    [Fact]
    public void Each_alert_stands_in_the_table_of_the_runbooks_in_the_order_of_the_rules_with_its_severity_and_what_it_says()
    {
        static IEnumerable<string> Told(MatchCollection found) => found.Select(alert => string.Join(" | ", alert.Groups.Values.Skip(1).Select(part => part.Value)));
        var rules = Told(Rule().Matches(Rules)).ToList();

        Assert.Equal(Alert().Count(Rules), rules.Count);
        Assert.Equal(rules, Told(Row().Matches(Runbooks)));
    }

    [Fact]
    public void Each_alert_is_tested_ringing_and_silent()
    {
        var expected = Expected().Matches(RuleTests).Select(test => (test.Groups[1].Value, Rings: test.Groups[2].Value.Length == 0)).ToHashSet();
        var pages = Alert().Matches(Rules).Select(alert => alert.Groups[1].Value).ToList();

        Assert.NotEmpty(pages);
        Assert.All(pages, alert => Assert.Contains((alert, true), expected));
        Assert.All(pages, alert => Assert.Contains((alert, false), expected));
    }

    [Fact]
    public void Each_alert_leads_to_a_section_of_the_runbooks_and_each_section_is_of_an_alert()
    {
        var sections = Section().Matches(Runbooks).Select(section => $"docs/runbooks.md#{section.Groups[1].Value.ToLowerInvariant()}").Order(StringComparer.Ordinal);
        var alerts = Alert().Count(Rules);
        var urls = Url().Matches(Rules).Select(url => url.Groups[1].Value).ToList();

        Assert.Equal(alerts, urls.Count);
        Assert.Equal(sections, urls.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("deploy/prometheus/rules/agora.yml")]
    [InlineData("deploy/grafana/dashboards/agora.json")]
    public void What_is_asked_for_is_measured(string file)
    {
        var measured = Directory.EnumerateFiles(Repository.File("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(source => Instrument().Matches(File.ReadAllText(source)).Select(name => name.Groups[1].Value.Replace('.', '_'))).Append("agora_metrics_dropped").ToHashSet(StringComparer.Ordinal);
        var asked = Series().Matches(Repository.Text(file)).Select(series => Suffix().Replace(series.Value, "")).Distinct().ToList();

        Assert.NotEmpty(asked);
        Assert.All(asked, series => Assert.True(measured.Contains(series) || measured.Contains(Unit().Replace(series, "")), series));
    }

    // What it says where all is well is nothing that matters.
    private static (int ExitCode, string Said) Promtool(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? "" : said);
    }

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"- alert: (?<1>\w+)\n(?:(?! +- alert: ).*\n)*? +labels: \{ severity: (?<3>\w+) \}\n +annotations:\n +summary: (?<4>.+)\n +runbook_url: docs/runbooks\.md#(?<2>\w+)")]
    private static partial Regex Rule();

    /// <summary>Name, section, severity and what it says; then where to look.</summary>
    [GeneratedRegex(@"^\| \[(\w+)\]\(#(\w+)\) \| (\w+) \| (.+?) \| .+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("^```yaml\n(global:.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Shown();

    [GeneratedRegex(@"runbook_url: (\S+)")]
    private static partial Regex Url();

    [GeneratedRegex(@"^## (Agora\w+)$", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"alertname: (\w+)\n\s+exp_alerts:( \[\])?")]
    private static partial Regex Expected();

    [GeneratedRegex("\"(agora\\.[a-z_.]+)\"")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"\bagora_[a-z_]+(?=[\[{)\s<>]|\\?"")")]
    private static partial Regex Series();

    [GeneratedRegex("_(bucket|count|sum|total)$")]
    private static partial Regex Suffix();

    [GeneratedRegex("_(seconds|bytes)$")]
    private static partial Regex Unit();

    private static string? Missing => Programs.Find("promtool") is null ? "promtool is missing: it comes with Prometheus (Debian's package prometheus)." : null;

    private sealed class PrometheusFactAttribute : FactAttribute
    {
        public PrometheusFactAttribute() => Skip = Missing;
    }

    private sealed class PrometheusTheoryAttribute : TheoryAttribute
    {
        public PrometheusTheoryAttribute() => Skip = Missing;
    }
}
