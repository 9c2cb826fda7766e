using System.Text.RegularExpressions;
using Agora.Crash.Support;

namespace Agora.Packaging.FirstMinutes;

/// <summary>
/// Every block of operations.md's answers, in its order, on a server with one agent. What is outside that section needs a cluster, containers or PostgreSQL; the
/// restore of PostgreSQL is drilled in <c>Backup</c>.
/// </summary>
public sealed partial class OperationsTests
{
    [Fact]
    public void Every_command_at_hand_works_as_it_stands()
    {
        var text = Repository.Text("docs/operations.md");
        var from = text.IndexOf("## At hand\n", StringComparison.Ordinal);
        var section = text[from..text.IndexOf("\n## ", from, StringComparison.Ordinal)];
        var blocks = Block().Matches(section).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(section.Split("```bash").Length - 1, blocks.Count);
        Assert.InRange(blocks.Count, 7, 20);
        using var shell = new Shell();
        var url = ServerProcess.FreeAddress().ToString().TrimEnd('/');
        var (server, _) = shell.Begin("/run -H", ["./run", "--urls", url]);
        try
        {
            var set = $"set -e; B={url}; D=data; A=\"Authorization: Bearer $(cat data/admin.access)\"\n";
            Run(shell, set + "curl -sf -X PUT $B/admin/agents/a1 -H \"$A\" -H 'Content-Type: application/json' -d '{}'");
            foreach (var block in blocks) Run(shell, set + block);

            Assert.StartsWith("payment_id", File.ReadAllText(shell.File("payments.csv")), StringComparison.Ordinal);
            Assert.Contains("agora_api_request_duration_seconds_count", File.ReadAllText(shell.File("metrics.txt")), StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }
    }

    private static void Run(Shell shell, string text)
    {
        var (exitCode, output, errors) = shell.Paste(text);
        Assert.True(exitCode == 0, text + output + errors);
        Assert.DoesNotContain("\"status\":\"error\"", output, StringComparison.Ordinal);
    }

    [GeneratedRegex("```bash\n(.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Block();
}
