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

        var said = await Bash($"{blocks[0]}\n{blocks[1].Split("npx ")[0]}");
        Assert.Equal("agk2_live_", said[..10]);
        Assert.Contains("\"service_id\":\"summary\"", said, StringComparison.Ordinal);
        Assert.Equal(2, blocks.Count);

        // As beside ./run --demo: the port, and the operator's key in the data directory, and nothing else.
        async Task<string> Bash(string script)
        {
            var folder = Directory.CreateTempSubdirectory("agora-mcp-").FullName;
            try
            {
                await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "data")).FullName, "admin.access"), RunningApi.AdminKey);
                var start = new ProcessStartInfo("bash", ["-euc", script]) { RedirectStandardOutput = true, WorkingDirectory = folder };
                foreach (var name in (string[])["B", "AGORA_ADMIN_KEY", "TOKEN"]) start.Environment.Remove(name);
                start.Environment["PORT"] = api.Client.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
                using var bash = Process.Start(start)!;
                return await bash.StandardOutput.ReadToEndAsync();
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
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
