using System.Diagnostics;
using System.Text.RegularExpressions;
using Agora.Api.Tests.Support;
using Agora.Testing;

namespace Agora.Api.Tests.Models;

/// <summary>What docs/models.md and docs/chat.md show with curl does what it says.</summary>
public sealed class FirstCallTests
{
    [Fact]
    public async Task The_commands_of_models_md_come_from_nothing_to_an_answer_and_what_it_cost() =>
        Assert.Matches("(?si)HTTP/1.1 200.*agora-cost-cents: .*This is a scripted answer", await Run("docs/models.md"));

    [Fact]
    public async Task The_commands_of_chat_md_go_on_from_there_to_a_chat_that_was_cut_off_and_one_turn_more()
    {
        var said = await Run("docs/models.md", "docs/chat.md");

        var told = said[said.IndexOf("event: ", StringComparison.Ordinal)..];
        Assert.True(Regex.IsMatch(told, "^event: replying.*event: whole.*event: begun.*\"turn\":2.*event: whole", RegexOptions.Singleline), told);
    }

    private static async Task<string> Run(params string[] documents)
    {
        await using var world = await ModelWorld.Start();
        var blocks = documents.Select(static document => Regex.Match(Repository.Text(document), "```bash\n(.*?)```", RegexOptions.Singleline).Groups[1].Value);
        var commands = string.Concat(blocks).Replace("model:local", "model:compatible", StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-euc", commands]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AGORA_ADMIN_KEY"] = RunningApi.AdminKey;
        start.Environment["B"] = world.Api.Client.Address.ToString().TrimEnd('/');
        start.Environment["MODEL"] = "local-model";
        start.Environment["AGENT_API_KEY"] = RunningApi.PlatformKey;

        using var bash = Process.Start(start)!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync();

        Assert.True(bash.ExitCode == 0, $"{await errors}{await output}");
        return await output;
    }
}
