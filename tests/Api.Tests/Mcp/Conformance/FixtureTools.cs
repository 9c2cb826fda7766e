#pragma warning disable MCP9004, MCP9005 // what later revisions do without is asked for still
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Agora.Api.Tests.Mcp.Conformance;

/// <summary>Tools that the conformance suite calls by these names.</summary>
internal static class FixtureTools
{
    // A picture of one pixel, and a sound of no length.
    private static readonly byte[] Picture = Encoding.UTF8.GetBytes("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==");
    private static readonly byte[] Sound = Encoding.UTF8.GetBytes("UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=");

    public static IEnumerable<McpServerTool> All { get; } =
    [
        Tool("test_simple_text", () => "This is a simple text response for testing."),
        Tool("test_image_content", () => Image()),
        Tool("test_audio_content", () => new AudioContentBlock { Data = Sound, MimeType = "audio/wav" }),
        Tool("test_embedded_resource", () => Embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")),
        Tool("test_multiple_content_types", () => new ContentBlock[]
        {
            new TextContentBlock { Text = "Multiple content types test:" }, Image(), Embedded("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""),
        }),
        Tool("test_tool_with_logging", Logging),
        Tool("test_logging_tool", (McpServer server) => Log(server, "One line.")),
        Tool("test_tool_with_progress", Progress),
        Tool("test_error_handling", string () => throw new McpException("This tool intentionally returns an error for testing")),
        Tool("test_missing_capability", (RequestContext<CallToolRequestParams> context) => context.Server.ClientCapabilities?.Sampling is not null
            ? "Sampling was declared."
            : throw new MissingRequiredClientCapabilityException(new ClientCapabilities { Sampling = new() }, "It needs sampling, which the client did not declare.")),
        Tool("test_streaming_elicitation", () => "Results, and no requests."),
    ];

    public static ImageContentBlock Image() => new() { Data = Picture, MimeType = "image/png" };

    public static EmbeddedResourceBlock Embedded(string uri, string type, string text) => new() { Resource = new TextResourceContents { Uri = uri, MimeType = type, Text = text } };

    public static byte[] PictureBytes => Picture;

    private static McpServerTool Tool(string name, Delegate act) => McpServerTool.Create(act, new() { Name = name, Description = $"What the conformance suite calls {name}." });

    /// <summary>As a client of the older revision takes them, which need not ask.</summary>
    private static async Task<string> Logging(McpServer server, CancellationToken cancel)
    {
        foreach (var line in new[] { "Tool execution started", "Tool processing data", "Tool execution completed" })
        {
            await server.SendNotificationAsync(NotificationMethods.LoggingMessageNotification, new LoggingMessageNotificationParams { Level = LoggingLevel.Info, Data = JsonSerializer.SerializeToElement(line) }, cancellationToken: cancel);
        }

        return "Three lines were logged.";
    }

    private static string Log(McpServer server, string line)
    {
        server.AsClientLoggerProvider().CreateLogger("fixture").LogInformation("{Line}", line);
        return line;
    }

    private static async Task<string> Progress(McpServer server, RequestContext<CallToolRequestParams> context, CancellationToken cancel)
    {
        if (context.Params.ProgressToken is not { } token) return "Nobody asked for progress.";

        foreach (var part in new[] { 0, 50, 100 })
        {
            await server.NotifyProgressAsync(token, new() { Progress = part, Total = 100 }, cancellationToken: cancel);
        }

        return "Done.";
    }
}
