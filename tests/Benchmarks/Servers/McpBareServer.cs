using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Agora.Benchmarks.Servers;

/// <summary>The package of the Model Context Protocol behind an ASP.NET endpoint, with a tool that answers at once: text of a given size, and the same as structured content. It looks at no header.</summary>
internal static class McpBareServer
{
    public const string Tool = "answer";

    public static async Task Serve(Options options)
    {
        var structured = JsonSerializer.SerializeToElement(new { data = new string('x', Math.Max(0, options.Number("bytes", 1_000) - 11)) });
        var result = new CallToolResult { Content = [new TextContentBlock { Text = structured.GetRawText() }], StructuredContent = structured };
        var tools = new ListToolsResult { Tools = [new() { Name = Tool, Description = "Answers at once.", InputSchema = JsonSerializer.SerializeToElement(new { type = "object" }) }] };
        var serving = new McpServerOptions { ProtocolVersion = "2026-07-28", ScopeRequests = false, Handlers = new() { CallToolHandler = (_, _) => ValueTask.FromResult(result), ListToolsHandler = (_, _) => ValueTask.FromResult(tools) } };
        await using var app = BareServer.Build();
        app.MapPost("/mcp", http => Answer(http, serving));
        await app.StartAsync();
        await Child.Serve(app);
    }

    private static async Task Answer(HttpContext http, McpServerOptions serving)
    {
        var message = (await http.Request.ReadFromJsonAsync<JsonRpcMessage>(McpJsonUtilities.DefaultOptions))!;
        message.Context = new() { ProtocolVersion = serving.ProtocolVersion };
        http.Response.ContentType = "text/event-stream";
        await using var transport = new StreamableHttpServerTransport { Stateless = true };
        await using var server = McpServer.Create(transport, serving);
        var running = server.RunAsync(http.RequestAborted);
        await transport.HandlePostRequestAsync(message, http.Response.Body, static _ => default, http.RequestAborted);
        await transport.DisposeAsync();
        await running;
    }
}
