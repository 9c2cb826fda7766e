using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.A2a;
using Agora.Api.Tests.Webhooks;
using Agora.Core.Conversations;
using Agora.Testing;

namespace Agora.Api.Tests.A2a;

/// <summary>docs/a2a.md: its commands do what it says, and its numbers are those that hold.</summary>
public sealed class DocumentTests
{
    private static readonly string Text = File.ReadAllText(Repository.File("docs/a2a.md"));

    [Fact]
    public async Task Its_commands_ask_an_agent_and_look_at_the_task()
    {
        await using var asking = await Asking.Begin();
        var folder = Directory.CreateTempSubdirectory("agora-a2a-").FullName;
        var start = new ProcessStartInfo("bash", ["-euc", Regex.Match(Text, "```bash\n(.*?)```", RegexOptions.Singleline).Groups[1].Value]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        (start.Environment["B"], start.Environment["AGENT"], start.Environment["KEY"]) = (asking.Talk.Api.Client.Address.ToString().TrimEnd('/'), Asking.Agent, asking.Talk.Key("a"));
        using var bash = Process.Start(start)!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync();

        var (told, card) = (await output, await File.ReadAllTextAsync(Path.Combine(folder, "card.json")));
        Directory.Delete(folder, recursive: true);
        Assert.True(bash.ExitCode == 0, await errors);
        Assert.Equal("SUBMITTED", A2aReply.StateOf(JsonElement.Parse(told)));
        Assert.Equal("Translator", JsonElement.Parse(card).GetProperty("name").GetString());
    }

    [InterpreterFact("python3")]
    public async Task Its_agent_in_Python_answers_requests_also_after_a_restart()
    {
        await using var asking = await Asking.Begin();
        var folder = Directory.CreateTempSubdirectory("agora-a2a-").FullName;
        try
        {
            foreach (var (text, id) in ((string, string)[])[("Hallo", "m-1"), ("Welt", "m-2"), ("Ende", "m-3")])
            {
                if (id == "m-3") await File.WriteAllTextAsync(Path.Combine(folder, "agent.cursor.new"), ""); // As if it was ended while it wrote.
                using var agent = Serve(asking, folder);
                try
                {
                    var asked = asking.SendMessage(Asking.Message(text, id));
                    Assert.True(asked == await Task.WhenAny(asked, agent.WaitForExitAsync()), "The agent ended by itself: its last words are above.");
                    var reply = await asked;
                    Assert.Equal("COMPLETED", reply.State);
                    Assert.Equal(text.ToUpperInvariant(), reply.Task.GetProperty("artifacts")[0].GetProperty("parts")[0].GetProperty("text").GetString());
                    Assert.False(agent.HasExited);
                }
                finally
                {
                    agent.Kill();
                    await agent.WaitForExitAsync();
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process Serve(Asking asking, string folder)
    {
        var start = new ProcessStartInfo("python3", ["-c", Regex.Match(Text, "```python\n(.*?)```", RegexOptions.Singleline).Groups[1].Value]) { WorkingDirectory = folder };
        (start.Environment["AGENT_API_URL"], start.Environment["AGENT_API_KEY"], start.Environment["PYTHONPATH"]) = (asking.Talk.Api.Client.Address.ToString().TrimEnd('/'), asking.Talk.Key(Asking.Agent), Repository.File("clients/python/src"));
        return Process.Start(start)!;
    }

    [Fact]
    public void It_names_the_limits_that_hold()
    {
        Assert.Equal((4, 5, 200, 100, 10_000, 3 << 20, 86_400), ((int)A2aLimits.BlockFor.TotalMinutes, (int)TalkLimits.StreamFor.TotalMinutes, A2aLimits.Listed, A2aLimits.Updates, A2aLimits.TaskEntries, A2aLimits.TaskBytes, A2aLimits.ReplySeconds));
        Assert.All((string[])["4 minutes", "5 minutes", "newest 200", "up to 100", "3 MiB or 10,000 entries", "1 to 86,400", Sequence.Uri, Sequence.ReplyWithin], named => Assert.Contains(named, Text, StringComparison.Ordinal));
    }
}
