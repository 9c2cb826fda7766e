using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Agora.Crash.Support;

namespace Agora.Packaging.FirstMinutes;

/// <summary><c>./run</c>, <c>./run quickstart</c>, and what both print, pasted.</summary>
public sealed partial class QuickstartTests
{
    private const string Served = "A first run";

    [Fact]
    public void What_quickstart_prints_is_a_paid_run_and_made_again_it_is_the_same()
    {
        using var shell = new Shell();
        var (url, port) = (Url(), 0);
        using var server = new Ended(shell.Begin("/run -H", ["./run", "--urls", url]));
        using var another = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        for (var again = 0; again < 3; again++)
        {
            if (again == 2)
            {
                another.Bind(new IPEndPoint(IPAddress.Loopback, port)); // of the sample, which is served elsewhere then
                another.Listen();
            }

            using var quickstart = new Ended(shell.Begin("until this command is ended", ["./run", "quickstart", "--urls", url]));
            Assert.Contains(again == 0 ? "The agent's key was made" : "as it was", quickstart.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("agk2_", quickstart.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", quickstart.Output, StringComparison.Ordinal);
            port = int.Parse(Port().Match(quickstart.Output).Groups[1].Value, CultureInfo.InvariantCulture);

            var run = Reply(shell.Paste(After(quickstart.Output, "The first run:\n")));
            Assert.True(run["error"] is null, run.ToJsonString());
            Assert.Equal("succeeded", run["data"]!["state"]!.ToString());
            Assert.Equal(("Quickstart", 2m), (run["data"]!["payment"]!["payer"]!.ToString(), (decimal)run["data"]!["payment"]!["amount_cents"]!));
        }
    }

    [Fact]
    public void The_banner_names_files_and_no_key_and_its_commands_make_a_run()
    {
        using var shell = new Shell();
        var url = Url();
        using var server = new Ended(shell.Begin("/run -H", ["./run", "--urls", url]));
        Assert.Contains($"operators' in {shell.File("data/admin.access")}", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(File.ReadAllText(shell.File("data/admin.access")).Trim(), server.Output, StringComparison.Ordinal);
        var commands = server.Output[server.Output.IndexOf(Served, StringComparison.Ordinal)..].Split('\n').Where(l => l.StartsWith("  ", StringComparison.Ordinal)).Select(l => l.Trim()).ToList();
        Assert.Equal(3, commands.Count);

        using var quickstart = new Ended(shell.Begin("until this command is ended", ["sh", "-c", $"exec {commands[0]}"]));

        Assert.Equal("succeeded", Reply(shell.Paste($"{commands[1]}\n{commands[2]}"))["data"]!["state"]!.ToString());
    }

    [Fact]
    public void An_own_service_at_a_loopback_address_is_paid_in_development_and_refused_by_the_name_of_the_setting_otherwise()
    {
        using var shell = new Shell();
        var (url, own) = (Url(), Url());
        using var service = new Ended(shell.Begin("listening", ["python3", "-u", "-c", $$"""
            import http.server
            class Own(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    self.rfile.read(int(self.headers["Content-Length"])); answer = b'{"own":true}'
                    self.send_response(200); self.send_header("Content-Type", "application/json"); self.send_header("Content-Length", str(len(answer))); self.end_headers(); self.wfile.write(answer)
            server = http.server.HTTPServer(("127.0.0.1", {{new Uri(own).Port}}), Own); print("listening"); server.serve_forever()
            """]));
        string[] quickstart = ["quickstart", "--service", own, "--price", "3", "--urls", url];
        using (new Ended(shell.Begin("/run -H", ["./run", "--urls", url])))
        {
            var made = shell.Paste($"./run {string.Join(' ', quickstart)}");
            Assert.True(made.ExitCode == 0, made.Output + made.Errors);
            var run = Reply(shell.Paste(After(made.Output, "The first run:\n")));
            Assert.True((bool)run["data"]!["output"]!["own"]!);

            var without = shell.Paste($"./run quickstart --urls {url}");
            Assert.Equal((0, ""), (without.ExitCode, without.Errors));
            Assert.Contains($"at {own}, and stays as it is", without.Output, StringComparison.Ordinal);
            var still = Reply(shell.Paste(After(without.Output, "The first run:\n")));
            Assert.Equal((true, 3m), ((bool)still["data"]!["output"]!["own"]!, (decimal)still["data"]!["payment"]!["amount_cents"]!));
        }

        using var closed = new Ended(shell.Begin("listening", ["./run", "--urls", url], ("AGORA_OUTBOUND_ALLOW", "127.0.0.1:1")));
        var refused = shell.Paste($"./run {string.Join(' ', quickstart)}");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("validation_failed", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("AGORA_OUTBOUND_ALLOW", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_server_quickstart_is_one_line_and_2()
    {
        using var shell = new Shell();
        var (exitCode, output, errors) = shell.Paste($"./run quickstart --urls {Url()}");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("There is no ", Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quickstart", "--service URL")]
    [InlineData("check-service", "--input JSON")]
    public void A_verb_says_what_it_takes(string verb, string named)
    {
        using var shell = new Shell();
        var (exitCode, output, errors) = shell.Paste($"./run {verb} --help");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains(named, output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_is_that_of_the_changelog()
    {
        using var shell = new Shell();
        var version = shell.Paste("./run --version").Output.Trim();
        Assert.Matches(@"^Agora \d+\.\d+\.\d+(\+[0-9a-f]+)?$", version);
    }

    [GeneratedRegex(@"answers at http://127\.0\.0\.1:(\d+)/")]
    private static partial Regex Port();

    private static string Url() => ServerProcess.FreeAddress().ToString().TrimEnd('/');

    private static string After(string text, string mark) => string.Join('\n', text[(text.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..].Split('\n')[..2]);

    private static JsonNode Reply((int ExitCode, string Output, string Errors) pasted) => JsonNode.Parse(pasted.Output) ?? throw new InvalidOperationException(pasted.Errors);

    private sealed class Ended((Process Process, string Output) begun) : IDisposable
    {
        public string Output => begun.Output;

        public void Dispose()
        {
            begun.Process.Kill(entireProcessTree: true);
            begun.Process.WaitForExit();
            begun.Process.Dispose();
        }
    }
}
