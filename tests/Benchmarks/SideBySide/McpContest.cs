using System.Text;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.SideBySide;

/// <summary>
/// A read by the Model Context Protocol, authenticated, audited and answered by a grain, beside the same read over HTTP, and beside a host of the same package that does nothing: its tool answers at once with as
/// many bytes.
/// </summary>
internal static class McpContest
{
    private const string Call = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wallet","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"load","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}""";

    public static async Task<Measures> Run(Options options)
    {
        await using var stage = new Stage(options);
        var (store, agora) = await stage.Agora();
        var sessions = await Market.Open(agora.Address, stage.Sessions, stage.Campaigns);
        stage.Settle(store);
        var bytes = await Market.AnswerBytes(agora.Address, "/agent/wallet", sessions[0].Token);
        var bare = stage.Add(await Child.StartServer("serve-mcp-bare", "--bytes", $"{bytes}"));
        var scores = await new Contest(options, new(stage.Postgres)).Run(
        [
            stage.Http("mcp", "tools/call wallet, POST /mcp", agora, sessions.Select(session => Post(session.Token)), "balance_cents"),
            stage.Http("http", "GET /agent/wallet", agora, sessions.Select(session => LoadRequests.Get("/agent/wallet", session.Token)), "balance_cents"),
            stage.Http("bare", "tools/call of the package, which does nothing", bare, [Post("none")], "data"),
        ]);
        return Contest.Found(scores, await stage.Settings(), Contest.Ratios(scores, ("mcp / bare", "mcp", "bare", ""), ("mcp / http", "mcp", "http", "")));
    }

    private static byte[] Post(string token) => Encoding.ASCII.GetBytes(
        $"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nAccept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: wallet\r\n"
        + $"Content-Type: application/json\r\nContent-Length: {Call.Length}\r\n\r\n{Call}");
}
