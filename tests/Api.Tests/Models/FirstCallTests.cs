using System.Diagnostics;
using System.Text.RegularExpressions;
using Agora.Api.Tests.Support;
using Agora.Testing;

namespace Agora.Api.Tests.Models;

/// <summary>What docs/models.md shows with curl does what it says.</summary>
public sealed class FirstCallTests
{
    [Fact]
    public async Task The_commands_of_models_md_come_from_nothing_to_an_answer_and_what_it_cost()
    {
        await using var world = await ModelWorld.Start();
        var commands = Regex.Match(await File.ReadAllTextAsync(Repository.File("docs/models.md")), "```bash\n(.*?)```", RegexOptions.Singleline).Groups[1].Value
            .Replace("http://127.0.0.1:8080", world.Api.Client.Address.ToString().TrimEnd('/'), StringComparison.Ordinal).Replace("model:local", "model:compatible", StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-euc", commands]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AGORA_ADMIN_KEY"] = RunningApi.AdminKey;
        start.Environment["AGENT_API_KEY"] = RunningApi.PlatformKey;

        using var bash = Process.Start(start)!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync();

        Assert.True(bash.ExitCode == 0, $"{await errors}{await output}");
        Assert.Matches("(?si)HTTP/1.1 200.*agora-cost-cents: .*This is a scripted answer", await output);
    }
}
