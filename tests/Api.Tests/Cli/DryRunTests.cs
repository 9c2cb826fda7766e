using System.Text.Json;
using Agora.Cli;
using Agora.Cli.Calls;

namespace Agora.Api.Tests.Cli;

/// <summary>Every operation that changes something, those that move money first, can be tried without.</summary>
public sealed class DryRunTests(CommandTests.Served served) : IClassFixture<CommandTests.Served>
{
    [Fact]
    public async Task Every_command_that_changes_something_has_a_dry_run_that_sends_nothing()
    {
        var document = JsonElement.Parse(await served.Client.Text("/openapi/v1.json"));
        var commands = ApiOperation.All(document).ToDictionary(operation => operation.Name, StringComparer.Ordinal);
        var acts = await Acts();

        var (walked, money) = (0, 0);
        foreach (var operation in served.Operations.Where(operation => !operation.IsRead))
        {
            var known = commands[operation.Name.Replace('_', '-')];
            Assert.Contains(OperationCommand.Of(known, served.Terminal()).Options, option => option.Name == "--dry-run");
            Assert.True(known.MovesMoney || !operation.RequiresKey, operation.Name);

            string[] given = [known.Name, .. known.Ids.Select(id => "x"), .. known.HasBody ? ["--body", operation.BodyExample ?? "{}"] : (string[])[], "--dry-run"];
            var (code, output, error) = await served.Say(given);
            Assert.True(code == ExitCodes.Done, $"{operation.Name}: {error}");
            Assert.StartsWith($"{operation.Method} {served.Address}", output, StringComparison.Ordinal);
            Assert.Equal(known.MovesMoney ? "Nothing was sent, and no money has moved." : "Nothing was sent.", error.Trim());
            (walked, money) = (walked + 1, money + (known.MovesMoney ? 1 : 0));
        }

        Assert.Equal(acts, await Acts());
        Assert.True(walked > 40 && money >= 5, $"{walked} and {money}");
    }

    private async Task<string> Acts() => (await served.Client.Admin(HttpMethod.Get, "/admin/acts?limit=1")).Expect(200).Data.GetRawText();
}
