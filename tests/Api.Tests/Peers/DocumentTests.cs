using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.Api.Tests.Conversations;
using Agora.Api.Tests.Support;
using Agora.Testing;

namespace Agora.Api.Tests.Peers;

/// <summary>What docs/peers.md and docs/conversations.md show with curl does what they say.</summary>
public sealed class DocumentTests
{
    [Fact]
    public async Task The_commands_of_peers_md_register_a_card_that_is_found()
    {
        await using var talk = await Talk.Among("agent-1");

        var replies = (await Shown("docs/peers.md", talk, ("AGENT", "agent-1"), ("OPERATOR", RunningApi.AdminKey))).Split("\n", StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("data")).ToList();

        Assert.Equal(("Translator", "online"), (replies[0].GetProperty("name").GetString(), replies[1].GetProperty("status").GetString()));
        Assert.Equal("agent-1", Assert.Single(replies[2].GetProperty("agents").EnumerateArray()).GetProperty("agent_id").GetString());
    }

    [Fact]
    public async Task The_commands_of_conversations_md_ask_and_answer()
    {
        await using var talk = await Talk.Among("agent-1", "agent-2");

        var said = await Shown("docs/conversations.md", talk, ("KEY", talk.Key("agent-1")), ("OTHER", "agent-2"), ("OTHER_KEY", talk.Key("agent-2")));

        Assert.Matches("(?s)\"want\":\"a title\".*\"acknowledged\":2.*\nid: [^\n]*\ndata: [^\n]*\"title\":\"Agents talk\"", said);
    }

    private static async Task<string> Shown(string document, Talk talk, params (string Name, string Value)[] settings)
    {
        var commands = Regex.Match(await File.ReadAllTextAsync(Repository.File(document)), "```bash\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        var folder = Directory.CreateTempSubdirectory("agora-document-").FullName;
        var start = new ProcessStartInfo("bash", ["-euc", commands]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["B"] = talk.Api.Client.Address.ToString().TrimEnd('/');
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var bash = Process.Start(start)!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync();
        Directory.Delete(folder, recursive: true);
        Assert.True(bash.ExitCode == 0, $"{await errors}{await output}");
        return await output;
    }
}
