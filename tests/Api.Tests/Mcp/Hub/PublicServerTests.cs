using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Outbound.Commands;
using Agora.Testing;

namespace Agora.Api.Tests.Mcp.Hub;

/// <summary>Servers of others, from npm: over standard input and output, and over HTTP.</summary>
public sealed class PublicServerTests
{
    private static readonly string Node = McpPackages.Program("node");

    [McpPackagesFact]
    public async Task The_memory_server_is_run_as_a_command_and_remembers()
    {
        var folder = Directory.CreateTempSubdirectory("hub");
        try
        {
            await using var api = await RunningApi.Start(commands: [Command("memory", "server-memory/dist/index.js", new() { ["MEMORY_FILE_PATH"] = Path.Combine(folder.FullName, "memory.jsonl") })]);
            await Put(api, """{"command":"memory","category":"memory","price_cents":1,"provider":"memory-provider"}""");
            await Approve(api, "create_entities", "read_graph");
            var token = await Session(api);

            var made = (await Run(api, token, "create_entities", """{"entities":[{"name":"Ada","entityType":"person","observations":["wrote the first program"]}]}""")).Expect(200).Data;
            var graph = (await Run(api, token, "read_graph", "{}")).Expect(200).Data.GetProperty("output");

            Assert.Equal(1, made.GetProperty("payment").GetProperty("amount_cents").GetInt32());
            Assert.Contains("wrote the first program", graph.GetRawText(), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [McpPackagesFact]
    public async Task A_command_has_the_environment_that_it_was_given_and_nothing_of_ours()
    {
        await using var api = await RunningApi.Start(commands: [Command("everything", "server-everything/dist/index.js", new() { ["GIVEN"] = "this" }, "stdio")]);
        await Put(api, """{"command":"everything","category":"tests","price_cents":1,"provider":"p"}""");
        await Approve(api, "get-env");

        var output = (await Run(api, await Session(api), "get-env", "{}")).Expect(200).Data.GetProperty("output");

        var environment = JsonElement.Parse(output.GetProperty("content")[0].GetProperty("text").GetString()!);
        Assert.Equal("this", environment.GetProperty("GIVEN").GetString());
        Assert.DoesNotContain(environment.EnumerateObject(), variable => variable.Name is "PATH" or "HOME" || variable.Name.StartsWith("AGORA", StringComparison.Ordinal) || variable.Name.StartsWith("DOTNET", StringComparison.Ordinal));
    }

    [McpPackagesFact]
    public async Task A_command_that_nobody_allowed_is_not_run()
    {
        await using var api = await RunningApi.Start(commands: [Command("everything", "server-everything/dist/index.js", [], "stdio") with { Tenants = ["second"] }]);
        foreach (var name in new[] { "everything", "bash" })
        {
            await Put(api, $$"""{"command":"{{name}}","category":"tests","price_cents":1,"provider":"p"}""");
            var refreshed = (await api.Client.Admin(HttpMethod.Post, "/admin/upstreams/pub/refresh", "{}")).Expect(200).Data;
            Assert.Equal(("failing", "command_unknown"), (refreshed.GetProperty("state").GetString(), refreshed.GetProperty("failure").GetString()));
        }
    }

    [McpPackagesFact]
    public async Task The_everything_server_over_HTTP_is_listed_approved_and_run_with_progress()
    {
        var port = FreePort.Next();
        var start = new ProcessStartInfo(Node, [Script("server-everything/dist/index.js"), "streamableHttp"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PORT"] = $"{port}";
        using var server = Process.Start(start)!;
        server.OutputDataReceived += static (_, _) => { };
        server.ErrorDataReceived += static (_, _) => { };
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        try
        {
            await HubApi.Eventually(async () =>
            {
                using var socket = new TcpClient();
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port);
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            });
            await using var api = await RunningApi.Start(commands: []);
            await Put(api, $$"""{"urls":["http://127.0.0.1:{{port}}/mcp"],"category":"tests","price_cents":2,"provider":"p"}""");
            await Approve(api, "get-structured-content", "get-sum", "trigger-long-running-operation");
            var token = await Session(api);

            var weather = (await Run(api, token, "get-structured-content", """{"location":"Chicago"}""")).Expect(200).Data;
            (await Run(api, token, "get-structured-content", """{"location":"Nowhere"}""")).Refused(422, "validation_failed");
            using var mcp = new McpCaller(api.Client.Address, token);
            var sum = await mcp.Call("pub__get-sum", """{"a":2,"b":3,"max_price_cents":2}""");
            var messages = await mcp.Messages("pub__trigger-long-running-operation", """{"duration":1,"steps":3,"max_price_cents":2}""", "t");

            Assert.Equal(JsonValueKind.Number, weather.GetProperty("output").GetProperty("temperature").ValueKind);
            Assert.Contains("5", sum.Data.GetProperty("output").GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
            Assert.Equal(["1", "2", "3"], messages.SkipLast(1).Select(message => message.GetProperty("params").GetProperty("progress").GetRawText()));
            Assert.Equal(6, (await mcp.Call("flow_status")).Data.GetProperty("budget").GetProperty("spent_cents").GetInt32());
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    [McpPackagesFact]
    public async Task A_command_that_hangs_or_writes_a_line_without_end_or_asks_without_end_or_dies_is_ended_and_started_again()
    {
        const string Program = """
            const lines = require('node:readline').createInterface({ input: process.stdin });
            const say = message => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');
            lines.on('line', line => {
              const { id, method, params } = JSON.parse(line);
              if (method === 'initialize')
              {
                  say({ id, result: { protocolVersion: '2025-11-25', capabilities: {} } });
              }
              else if (method === 'tools/list') say({ id, result: { tools: ['hang', 'flood', 'ask', 'die', 'pid'].map(name => ({ name, inputSchema: { type: 'object' } })) } });
              else if (method === 'tools/call') {
                if (params.name === 'die')
                {
                    process.exit(1);
                }
                else if (params.name === 'flood') { const x = 'x'.repeat(1 << 16); const more = () => { while (process.stdout.write(x)); process.stdout.once('drain', more); }; more(); }
                else if (params.name === 'ask') { process.stdin.pause(); const x = (JSON.stringify({ jsonrpc: '2.0', id: 'x'.repeat(1000), method: 'ping' }) + '\n').repeat(100); const more = () => { while (process.stdout.write(x)); process.stdout.once('drain', more); }; more(); }
                else if (params.name === 'pid') say({ id, result: { structuredContent: { pid: process.pid } } });
              }
            });
            """;
        await using var api = await RunningApi.Start(commands: [new("wild", [Node, "-e", Program], new Dictionary<string, string>(), null, ["default"])]);
        await Put(api, Wild(20_000)); // so long even a loaded machine is not busy with what is too much
        await Approve(api, "hang", "flood", "ask", "die", "pid");
        var token = await Session(api);
        var pid = await Pid(0);

        (await Run(api, token, "flood", "{}")).Refused(502, "upstream_failed");
        Assert.False(IsRunning(pid));
        var second = await Pid(1);
        (await Run(api, token, "ask", "{}")).Refused(502, "upstream_failed");
        var third = await Pid(2);
        (await Run(api, token, "die", "{}")).Refused(502, "upstream_failed");
        await Put(api, Wild(2_000));
        var fourth = await Pid(3);
        (await Run(api, token, "hang", "{}")).Refused(504, "upstream_timeout");
        Assert.False(IsRunning(fourth));
        var last = await Pid(4);

        Assert.Distinct([pid, second, third, fourth, last]);
        Assert.Equal(5, (await api.Client.Get("/agent/flow/status", token)).Data.GetProperty("budget").GetProperty("spent_cents").GetInt32());
        await api.DisposeAsync();
        Assert.False(IsRunning(last));

        static string Wild(int milliseconds) => $$"""{"command":"wild","category":"tests","price_cents":1,"provider":"p","timeout_ms":{{milliseconds}}}""";

        // It is started again after a pause; till then a call of it fails, and costs nothing.
        async Task<int> Pid(int n)
        {
            var (found, tries) = (0, 0);
            await HubApi.Eventually(async () =>
            {
                var run = await Run(api, token, "pid", $$"""{"n":"{{n}}-{{tries++}}"}""");
                found = run.Status == 200 ? run.Data.GetProperty("output").GetProperty("pid").GetInt32() : 0;
                return found > 0;
            });
            return found;
        }
    }

    private static bool IsRunning(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.WaitForExit(5_000);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string Script(string file) => Path.Combine(McpPackages.Folder, "node_modules", "@modelcontextprotocol", file);

    private static AllowedCommand Command(string name, string file, Dictionary<string, string> environment, params string[] more) => new(name, [Node, Script(file), .. more], environment, null, ["default"]);

    private static async Task Put(RunningApi api, string body) => (await api.Client.Admin(HttpMethod.Put, "/admin/upstreams/pub", body)).Expect(200);

    private static async Task Approve(RunningApi api, params string[] tools)
    {
        (await api.Client.Admin(HttpMethod.Post, "/admin/upstreams/pub/refresh", "{}")).Expect(200);
        var offered = (await api.Client.Admin(HttpMethod.Get, "/admin/upstreams/pub/tools?limit=100")).Expect(200).Data.GetProperty("tools").EnumerateArray().ToDictionary(tool => tool.GetProperty("service_id").GetString()!);
        foreach (var id in tools.Select(tool => $"pub__{tool}"))
        {
            (await api.Client.Admin(HttpMethod.Post, $"/admin/upstreams/pub/tools/{id}/approve", $$"""{"hash":"{{offered[id].GetProperty("offered").GetProperty("hash").GetString()}}"}""")).Expect(200);
            await HubApi.Eventually(async () => (await api.Client.Admin(HttpMethod.Get, $"/admin/services/{id}")) is { Status: 200 } service && service.Data.GetProperty("active").GetBoolean());
        }
    }

    private static async Task<string> Session(RunningApi api)
    {
        await api.Client.PutAgents("agent-1");
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":1000}""", ("Idempotency-Key", "deposit-1"))).Expect(200);
        return await api.Client.OpenSession(budgetCents: "1000");
    }

    private static Task<Received> Run(RunningApi api, string token, string tool, string input) => api.Client.Post($"/agent/services/pub__{tool}/run", token, $$"""{"input":{{input}},"max_price_cents":5}""");
}
