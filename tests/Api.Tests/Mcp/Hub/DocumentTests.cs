using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Testing;

namespace Agora.Api.Tests.Mcp.Hub;

/// <summary>docs/hub.md: its commands do what it says, and it names what there is.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Text = File.ReadAllText(Repository.File("docs/hub.md"));

    [Fact]
    public async Task Its_commands_register_a_server_look_at_its_tools_and_approve_one()
    {
        await using var server = await ToolServer.Start();
        server.Tools.Add(ToolServer.Tool("route"));
        await using var api = await RunningApi.Start(commands: []);
        var blocks = Blocks().Matches(Text).Select(block => block.Groups[1].Value.Replace("https://maps.example/mcp", server.Address.ToString(), StringComparison.Ordinal)).ToList();
        Assert.Equal(2, blocks.Count);
        var approving = blocks[1].Split('\n').Single(line => line.Contains("/approve", StringComparison.Ordinal));

        Assert.Equal("maps", Said(await Bash(blocks[0])).GetProperty("upstream_id").GetString());
        JsonElement tool = default;
        await HubApi.Eventually(async () => Said(await Bash(blocks[1].Replace(approving, "", StringComparison.Ordinal))).GetProperty("tools").EnumerateArray().FirstOrDefault(one => one.GetProperty("service_id").GetString() == "maps__route") is { ValueKind: JsonValueKind.Object } found && (tool = found).ValueKind == JsonValueKind.Object);
        var approved = Said(await Bash(approving.Replace("…", tool.GetProperty("offered").GetProperty("hash").GetString(), StringComparison.Ordinal)));

        Assert.Equal(("offered", "approved"), (tool.GetProperty("state").GetString(), approved.GetProperty("state").GetString()));

        static JsonElement Said(string text) => JsonElement.Parse(text).GetProperty("data");

        async Task<string> Bash(string script)
        {
            var start = new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true };
            (start.Environment["B"], start.Environment["AGORA_ADMIN_KEY"]) = (api.Client.Address.ToString().TrimEnd('/'), RunningApi.AdminKey);
            using var bash = Process.Start(start)!;
            return await bash.StandardOutput.ReadToEndAsync();
        }
    }

    [Fact]
    public void It_says_why_a_tool_cannot_be_approved() =>
        Assert.All(typeof(ToolFaults).GetFields().Select(field => (string)field.GetRawConstantValue()!), fault => Assert.Contains($"`{fault}`", Text, StringComparison.Ordinal));

    [Fact]
    public void It_says_of_each_failure_of_an_upstream_why_it_is_and_what_to_do()
    {
        var rows = Failures().Match(Text).Groups[1].Value.Trim().Split('\n').Select(static row => row.Trim('|').Split('|')).ToList();

        Assert.Equal(UpstreamFailures.All, rows.Select(static row => row[0].Trim(' ', '`')));
        Assert.All(rows, static row => Assert.All(row[1..3], static cell => Assert.NotEqual("", cell.Trim())));
        Assert.Contains($"no answer within {Limits.RunDeadline.TotalSeconds} s, or no whole list within {Limits.UpstreamListAtMost.TotalSeconds} s", rows[1][1], StringComparison.Ordinal);
        Assert.Contains($"more than {Limits.UpstreamAnswerBytes >> 20} MiB, or all words and schemas of its tools have more than {Limits.UpstreamOfferBytes >> 10} KiB", rows[5][1], StringComparison.Ordinal);
        Assert.Contains($"more than {Limits.UpstreamTools} tools, or more than {Limits.UpstreamPages} pages", rows[6][1], StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\| `failure` \|.*\n\|[-|]+\n((?:\|.*\n)+)")]
    private static partial Regex Failures();

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
