namespace Agora.Clients.Tests.Models;

/// <summary>Coding agents of others, each a program that runs commands of the shell that a model wants run, with the settings of docs/models.md. Codex has tests of its own.</summary>
[Collection(nameof(DoorWorld))]
public sealed class CodingAgentTests(DoorWorld world)
{
    private const string Wish = "Say it by the shell.";

    /// <summary>Each by its heading: its program, below node_modules; how it is asked to say each step, behind its settings; and its switches for what it would report or fetch elsewhere.</summary>
    private static readonly Dictionary<string, (string Binary, string Command, (string Name, string Value)[] Silent)> Agents = new()
    {
        ["Claude Code"] = (
            "@anthropic-ai/claude-code-linux-x64/claude", "-p --allowedTools Bash --output-format stream-json --verbose",
            [("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"), ("DISABLE_TELEMETRY", "1"), ("DISABLE_ERROR_REPORTING", "1"), ("DISABLE_AUTOUPDATER", "1")]),
        ["Copilot"] = ("@github/copilot-linux-x64/copilot", "--allow-all-tools --output-format json -p", [("COPILOT_OFFLINE", "true"), ("COPILOT_AUTO_UPDATE", "false")]),
        ["Cline"] = ("@cline/cli-linux-x64/bin/cline", "--json", [("CLINE_TELEMETRY_DISABLED", "1"), ("CLINE_NO_AUTO_UPDATE", "1"), ("DO_NOT_TRACK", "1")]),
    };

    internal static IEnumerable<string> Binaries => Agents.Values.Select(static agent => agent.Binary);

    [CodingAgentTheory]
    [InlineData("Claude Code", "anthropic")]
    [InlineData("Claude Code", "openai")]
    [InlineData("Claude Code", "openai-chat")]
    [InlineData("Claude Code", "google")]
    [InlineData("Copilot", "openai")]
    [InlineData("Copilot", "anthropic")]
    [InlineData("Cline", "compatible")]
    [InlineData("Cline", "anthropic")]
    public async Task A_turn_runs_a_command_ends_with_a_text_and_is_paid_as_it_was_counted(string agent, string model)
    {
        var session = await world.Open(model, "1000");

        var (exitCode, output, errors) = await Turn(session, agent, model);

        Assert.True(exitCode == 0, output + errors);
        Assert.Contains("said-by-the-shell", output, StringComparison.Ordinal);
        Assert.Contains(DoorWorld.Text, output, StringComparison.Ordinal);
        var counted = await session.Counted();
        Assert.True(counted.Count >= 2, $"{counted.Count} calls");
        await session.IsSpent(counted);
    }

    [CodingAgentTheory]
    [InlineData("Claude Code")]
    [InlineData("Copilot")]
    public async Task Where_the_budget_ends_its_user_reads_why(string agent)
    {
        var session = await world.Open("anthropic", "1");

        var (_, output, errors) = await Turn(session, agent, "anthropic");

        Assert.Contains("the session's budget has 1 cents left. No answer would fit", output + errors, StringComparison.Ordinal);
        await session.IsSpent([]);
    }

    /// <summary>The settings as they stand there, and in place of the last line, which starts the agent, one that also says each step.</summary>
    private Task<(int ExitCode, string Output, string Errors)> Turn(DoorSession session, string agent, string model)
    {
        var (binary, command, silent) = Agents[agent];
        var settings = Manual.At(Manual.Shell(agent), world.Url).Replace(Manual.Model, model, StringComparison.Ordinal).TrimEnd().Split('\n');
        var program = settings[^1].Split(' ')[0];
        var path = Repository.File($"{AloneProgram.Folder}/node_modules/{binary}");
        return AloneProgram.Ended(new(world.Url), $"{program}() {{ '{path}' \"$@\"; }}\n{string.Join('\n', settings[..^1])}\n{program} {command} '{Wish}' </dev/null", [("AGORA_TOKEN", session.Token), .. silent]);
    }
}

/// <summary>Where Node, an agent or a network namespace is missing the test is skipped with the reason.</summary>
public sealed class CodingAgentTheoryAttribute : TheoryAttribute
{
    public CodingAgentTheoryAttribute() => Skip = AloneProgram.Missing([.. CodingAgentTests.Binaries]);
}
