using System.CommandLine;
using Agora.Cli;
using Agora.Cli.Calls;

namespace Agora.Api.Tests.Cli;

public sealed class OperationCommandTests
{
    /// <summary>An option lists the commands that it belongs to, and adding it walks through the list: with one option for all commands a process that reads many command lines takes longer for each.</summary>
    [Fact]
    public void Each_option_belongs_to_one_command()
    {
        var operation = new ApiOperation("put-user", "PUT", "/admin/users/{user_id}", "Put a user", "users", "operator", [], [], [], HasBody: true, TakesKey: true, TakesReason: true, MovesMoney: false, ListsAll: false);
        var terminal = new Terminal(TextReader.Null, TextWriter.Null, TextWriter.Null, null, static _ => null, "");

        Command[] commands = [OperationCommand.Of(operation, terminal), OperationCommand.Of(operation, terminal)];

        Assert.All(commands, command =>
        {
            Assert.Equal(["--body", "--dry-run", "--idempotency-key", "--because"], command.Options.Select(option => option.Name));
            Assert.All(command.Options, option => Assert.Equal([command], option.Parents));
        });
    }
}
