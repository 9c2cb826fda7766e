using Agora.Hosting;
using Agora.Outbound.Commands;
using Microsoft.Extensions.Configuration;

namespace Agora.Silo.Tests.Settings;

public sealed class CommandSettingsTests
{
    [Fact]
    public void What_is_left_out_has_its_usual_value()
    {
        var command = Assert.Single(Read("""{"memory":{"run":["/usr/bin/node","/srv/memory.mjs"]}}"""));

        Assert.Equal(("memory", null, "default"), (command.Name, command.Directory, Assert.Single(command.Tenants)));
        Assert.Equal(["/usr/bin/node", "/srv/memory.mjs"], command.Run);
        Assert.Empty(command.Environment);
        Assert.Empty(Read(null));
    }

    [Fact]
    public void All_of_it_is_read()
    {
        var commands = Read("""{"a":{"run":["/bin/a"],"env":{"PATH":"/bin"},"directory":"/srv","tenants":["shop","default"]},"b-2":{"run":["/bin/b"]}}""");

        Assert.Equal(["a", "b-2"], commands.Select(command => command.Name));
        Assert.Equal(("/srv", "/bin"), (commands[0].Directory, commands[0].Environment["PATH"]));
        Assert.Equal(["shop", "default"], commands[0].Tenants);
    }

    [Theory]
    [InlineData("memory", "must be a JSON object")]
    [InlineData("[]", "must be a JSON object of 1 to ")]
    [InlineData("{}", "must be a JSON object of 1 to ")]
    [InlineData("""{"a":{"run":["/bin/a"]},"a":{"run":["/bin/b"]}}""", "must be a JSON object")]
    [InlineData("""{"A":{"run":["/bin/a"]}}""", "a command's name is 1 to 64 small letters")]
    [InlineData("""{"":{"run":["/bin/a"]}}""", "a command's name is 1 to 64 small letters")]
    [InlineData("""{"a":[]}""", "AGORA_MCP_COMMANDS.a must be an object")]
    [InlineData("""{"a":{}}""", "AGORA_MCP_COMMANDS.a.run is missing")]
    [InlineData("""{"a":{"run":[]}}""", "run must begin with the whole path")]
    [InlineData("""{"a":{"run":["node"]}}""", "run must begin with the whole path")]
    [InlineData("""{"a":{"run":["./node"]}}""", "run must begin with the whole path")]
    [InlineData("""{"a":{"run":"/bin/a"}}""", "run must be a list of texts")]
    [InlineData("""{"a":{"run":["/bin/a",1]}}""", "run must be a list of texts")]
    [InlineData("""{"a":{"run":["/bin/a"],"shell":true}}""", "'shell' is not known")]
    [InlineData("""{"a":{"run":["/bin/a"],"env":[]}}""", "env must be an object of texts")]
    [InlineData("""{"a":{"run":["/bin/a"],"env":{"A":1}}}""", "env must be an object of texts")]
    [InlineData("""{"a":{"run":["/bin/a"],"directory":"srv"}}""", "directory must be a whole path")]
    [InlineData("""{"a":{"run":["/bin/a"],"tenants":["A B"]}}""", "tenants: 'A B' is not")]
    public void What_is_no_command_is_refused_by_name(string text, string why) => Assert.Contains(why, Assert.Throws<SettingException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("memory", "default", null)]
    [InlineData("memory", "shop", "No command 'memory' is allowed here: AGORA_MCP_COMMANDS has to name it, for tenant shop.")]
    [InlineData("bash", "default", "No command 'bash' is allowed here: AGORA_MCP_COMMANDS has to name it, for tenant default.")]
    public void A_command_may_be_named_where_the_setting_allows_it_to_the_tenant_and_is_refused_elsewhere(string command, string tenant, string? refusal) =>
        Assert.Equal(refusal, OutboundRules.CommandRefusal(Settings("""{"memory":{"run":["/bin/a"]}}"""), tenant, command));

    private static IReadOnlyList<AllowedCommand> Read(string? text) => Settings(text).McpCommands;

    private static AgoraSettings Settings(string? text) => AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("AGORA_MCP_COMMANDS", text)]).Build());
}
