using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.Api.Tests.Support;
using Agora.Testing;

namespace Agora.Api.Tests.Mcp;

/// <summary>docs/mcp.md: its commands do what it says, and it names what there is.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Text = File.ReadAllText(Repository.File("docs/mcp.md"));

    [Fact]
    public async Task Its_commands_bind_a_key_and_call_a_tool()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var blocks = Blocks().Matches(Text).Select(block => block.Groups[1].Value).ToList();

        var issued = JsonElement.Parse(await Bash(blocks[0], ("AGORA_ADMIN_KEY", RunningApi.AdminKey))).GetProperty("data");
        Assert.Equal("u1", issued.GetProperty("user_id").GetString());
        var called = await Bash(blocks[1].Split("npx ")[0], ("TOKEN", issued.GetProperty("key").GetString()!));
        Assert.Contains("\"service_id\":\"summary\"", called, StringComparison.Ordinal);
        Assert.Equal(2, blocks.Count);

        async Task<string> Bash(string script, (string Name, string Value) setting)
        {
            var start = new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true };
            (start.Environment["B"], start.Environment[setting.Name]) = (api.Client.Address.ToString().TrimEnd('/'), setting.Value);
            using var bash = Process.Start(start)!;
            return await bash.StandardOutput.ReadToEndAsync();
        }
    }

    [McpPackagesFact]
    public async Task Its_command_of_the_Inspector_lists_the_tools_that_it_names()
    {
        await using var api = await RunningApi.Start();
        var command = Inspector().Match(Text).Groups[1].Value.Replace("\"Authorization: Bearer $TOKEN\"", "BEARER", StringComparison.Ordinal);
        var arguments = command.Split(' ').Select(part => part == "BEARER" ? "" : part.Replace("$B/", api.Client.Address.ToString(), StringComparison.Ordinal)).ToArray();
        arguments[Array.IndexOf(arguments, "")] = $"Authorization: Bearer {await api.Client.OpenSession()}";

        var (exitCode, said, errors) = await McpPackages.Ended("mcp-inspector", arguments);

        Assert.True(exitCode == 0, said + errors);
        Assert.All(JsonElement.Parse(said).GetProperty("tools").EnumerateArray(), tool => Assert.Contains($"`{tool.GetProperty("name").GetString()}`", Text, StringComparison.Ordinal));
    }

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("^npx @modelcontextprotocol/inspector (.*)$", RegexOptions.Multiline)]
    private static partial Regex Inspector();
}
