using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agora.Clients.Tests.Models;

/// <summary>OpenAI's Codex: a program of its own, which runs commands of the shell that a model wants run. Its configuration is that of docs/models.md.</summary>
[Collection(nameof(DoorWorld))]
public sealed class CodexTests(DoorWorld world)
{
    private const string Program = "@openai/codex/bin/codex.js";

    [ModelClientTheory(Program)]
    [InlineData("openai")]
    [InlineData("openai-chat")]
    [InlineData("anthropic")]
    [InlineData("google")]
    public async Task A_turn_runs_a_command_ends_with_a_text_and_is_paid_as_it_was_counted(string model)
    {
        var session = await world.Open(model);

        var (exitCode, events) = await Turn(session, model);

        Assert.True(exitCode == 0, string.Join('\n', events));
        var items = events.Where(said => (string?)said["type"] == "item.completed").Select(said => said["item"]!).ToList();
        var command = items.Single(item => (string?)item["type"] == "command_execution");
        Assert.Equal(("said-by-the-shell", 0), (((string)command["aggregated_output"]!).Trim(), (int)command["exit_code"]!));
        Assert.Equal(DoorWorld.Text, (string?)items.Last(item => (string?)item["type"] == "agent_message")["text"]);

        var counted = await session.Counted();
        Assert.Equal(2, counted.Count);
        var usage = events.Single(said => (string?)said["type"] == "turn.completed")["usage"]!;
        Assert.Equal((counted.Sum(counts => counts.AllInput), counted.Sum(counts => counts.AllOutput)), ((long)usage["input_tokens"]!, (long)usage["output_tokens"]!));
        await session.IsPosted(counted);
    }

    /// <summary>What Codex sends with each turn is more than a cent's worth.</summary>
    [ModelClientFact(Program)]
    public async Task Where_the_budget_ends_its_user_reads_why()
    {
        var session = await world.Open("openai", "1");

        var (exitCode, events) = await Turn(session, "openai");

        Assert.Equal(1, exitCode);
        Assert.Contains("the session's budget has 1 cents left. No answer would fit", (string?)events[^1]["error"]!["message"], StringComparison.Ordinal);
        Assert.DoesNotContain(events, said => said.ToJsonString().Contains("Reconnecting", StringComparison.Ordinal));
        await session.IsPosted([]);
    }

    /// <summary>The search of the web runs at the provider and costs by the call: Codex offers it unless it is told not to.</summary>
    [ModelClientFact(Program)]
    public async Task With_search_of_the_web_its_user_reads_how_to_turn_it_off()
    {
        var (exitCode, events) = await Turn(await world.Open("openai"), "openai", "-c", "web_search=live");

        Assert.Equal(1, exitCode);
        Assert.Contains("In Codex, set web_search =", (string?)events[^1]["error"]!["message"], StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, IReadOnlyList<JsonNode> Events)> Turn(DoorSession session, string model, params string[] more)
    {
        var home = Directory.CreateTempSubdirectory("agora-codex-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(home.FullName, "config.toml"), Manual.At(Manual.Codex, world.Url));
            var (exitCode, output, errors) = await NodeProgram.Ended(
                DoorSession.Folder, "", [$"node_modules/{Program}", "exec", "--json", "--skip-git-repo-check", "-C", home.FullName, "-s", "danger-full-access", "-m", model, .. more, "Say it by the shell."],
                ("CODEX_HOME", home.FullName), ("AGORA_TOKEN", session.Token));
            return (exitCode, [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Parsed(line) ?? throw new InvalidOperationException(output + errors))]);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    private static JsonNode? Parsed(string line)
    {
        try
        {
            return JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
