using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Agora.Crash.Support;

namespace Agora.Packaging.FirstMinutes;

/// <summary>Every block of the pages by reader, pasted into one shell a page, beside one demo's server. A refusal that a page does not mean, or a command that fails, is a page that lies.</summary>
public sealed partial class ManualTests(ManualTests.Demo demo) : IClassFixture<ManualTests.Demo>
{
    [Theory]
    [InlineData("docs/for-developers.md", "\"state\":\"succeeded\"", "succeeded True", "dempotent-", "\"agent_id\":\"shopper\"", "\"code\":\"budget_exceeded\"")]
    [InlineData("docs/for-providers.md", "\"service_id\":\"text-summarizer\"", "\"wallet_id\":\"provider-textworks\"", "\"runs\":[")]
    [InlineData("docs/for-sponsors.md", "\"campaign_id\":\"tea-survey\"", "\"funded_cents\":1000", "\"output\":{\"cups\":4}", "\"payer\":\"Tea House\"", "\"active\":false", "\"closed\":true")]
    [InlineData("docs/for-principals.md", "\"user_id\":\"alice\"", "\"require_approval_above_cents\":50", "\"approvals\":[", "\"state\":\"approved\"", "\"state\":\"denied\"", "\"paused\":true")]
    [InlineData("docs/for-operators.md", "ok   server", "\"nodes\":[", "\"refusals\":[", "\"holds\":[", "\"sum_cents\":0", "\"acts\":[", "\n0 violations of", " 0 broken")]
    [InlineData("docs/troubleshooting.md", "ok   server", "\"sum_cents\":0", "\n0 violations of")]
    [InlineData("docs/console.md", "apc_")]
    [InlineData("docs/chat.md", "event: replying", "event: whole", "\"turn\":2")]
    [InlineData("docs/scenario.md", "\"scenario_id\":\"delay\"", "\"state\":\"whole\"", "\"hint_id\"", "\"percent\":50")]
    [InlineData("docs/watch.md", "\"kind\":\"say\"", "And what of water?", "event: ended", "\"ending\":\"turns\"")]
    [InlineData("docs/ja/quickstart.md", "\"state\":\"succeeded\"")]
    [InlineData("docs/ja/for-operators.md", "ok   server", "\"nodes\":[", "\"holds\":[", "\"sum_cents\":0", "\n0 violations of", " 0 broken")]
    [InlineData("docs/ja/for-principals.md", "\"user_id\":\"alice\"", "\"state\":\"approved\"", "\"state\":\"denied\"", "\"paused\":true")]
    public void Every_command_of_a_page_works_as_it_stands(string page, params string[] shown)
    {
        var (exitCode, output, errors) = demo.Paste(string.Concat(Block().Matches(Repository.Text(page)).Select(static match => match.Groups[1].Value)));

        Assert.True(exitCode == 0, output + errors);
        Assert.All(Replies(output), reply => Assert.True((string?)reply["status"] == "success" || IsMeant(reply, shown), $"{page}: {reply.ToJsonString()}"));
        Assert.All(shown, text => Assert.Contains(text, output, StringComparison.Ordinal));
        Assert.DoesNotContain("curl:", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_quick_start_in_Japanese_is_paid_once_however_often_it_is_sent()
    {
        var page = Repository.Text("docs/ja/quickstart.md");
        var replies = Replies(demo.Paste(Block().Match(page).Groups[1].Value).Output);

        Assert.Equal(3, replies.Count);
        Assert.Equal((string?)replies[1]["data"]!["payment"]!["payment_id"], (string?)replies[2]["data"]!["payment"]!["payment_id"]);
    }

    [Fact]
    public void Each_series_of_a_server_stands_in_the_table_of_when_to_look_at_it()
    {
        var (_, output, _) = demo.Paste("curl -s http://127.0.0.1:$PORT/metrics");
        var series = Series().Matches(output).Select(static match => match.Groups[1].Value).ToList();
        var table = Repository.Text("docs/operations.md");

        Assert.True(series.Count > 20, $"{series.Count} series");
        Assert.All(series, name => Assert.Contains($"`{name}`", table, StringComparison.Ordinal));
    }

    [Fact]
    public void Whoever_has_started_the_demo_goes_on_talking_with_its_model()
    {
        var (exitCode, output, errors) = demo.Paste($$"""curl -sf http://127.0.0.1:$PORT/api/v2/chat -H 'Authorization: Bearer {{demo.Token}}' -H 'Content-Type: application/json' -H 'Idempotency-Key: once' -d '{"text":"公園はとても美しい。","model":"sample-model"}'""");

        Assert.True(exitCode == 0, output + errors);
        var reply = JsonNode.Parse(output)!["data"]!["reply"]!;
        Assert.Equal("whole", (string?)reply["state"]);
        Assert.Contains("肯定的", (string?)reply["text"], StringComparison.Ordinal);
        Assert.InRange((decimal)reply["cost_cents"]!, 0.01m, 1);
    }

    /// <summary>A refusal that the page is to show: its row names the code.</summary>
    private static bool IsMeant(JsonNode reply, string[] shown) => shown.Contains($"\"code\":\"{(string?)reply["error"]!["code"]}\"");

    private static List<JsonNode> Replies(string output) => [.. output.Split('\n').Where(static line => line.StartsWith("{\"", StringComparison.Ordinal)).Select(static line => JsonNode.Parse(line)!)];

    [GeneratedRegex("^```bash\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^# TYPE (agora_[a-z0-9_]+) ", RegexOptions.Multiline)]
    private static partial Regex Series();

    /// <summary>A server as <c>./run --demo</c> starts it, once its sample agent has walked and its sample model has replied.</summary>
    public sealed class Demo : IDisposable
    {
        private readonly Shell _shell = new();
        private readonly string _port = ServerProcess.FreeAddress().Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        private readonly Process _server;

        public Demo()
        {
            foreach (var folder in (string[])["clients", "docs"]) Directory.CreateSymbolicLink(_shell.File(folder), Repository.File(folder));
            (_server, var output) = _shell.Begin("sign in with the token ", ["./run", "--demo", "--urls", $"http://127.0.0.1:{_port}"]);
            Token = output[(output.LastIndexOf(' ') + 1)..].Trim();
        }

        /// <summary>Of the session whose chats stand at /talk.</summary>
        internal string Token { get; }

        internal (int ExitCode, string Output, string Errors) Paste(string text) => _shell.Paste($"set -e\n{text}", ("PORT", _port));

        public void Dispose()
        {
            _server.Kill(entireProcessTree: true);
            _server.WaitForExit();
            _server.Dispose();
            _shell.Dispose();
        }
    }
}
