using System.Collections.Frozen;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Agora.Api.Mcp;

/// <summary>What a door leads to, and who may come in.</summary>
/// <param name="Admit">Null: whoever asks may.</param>
/// <param name="Server">The server options for a revision of <see cref="Revisions.All"/>.</param>
internal sealed record DoorOptions(Func<HttpContext, Task<DoorRefusal?>> Admit, Func<string, McpServerOptions> Server)
{
    public FrozenDictionary<string, McpServerOptions> Servers { get; } = Revisions.All.ToFrozenDictionary(static revision => revision, Server);
}

/// <summary>
/// Model Context Protocol over HTTP (Streamable HTTP), without sessions of its own: each POST has all that there is to know. Here is what is of HTTP; the package speaks the protocol. Refusals
/// have one order: from where, who, in which form, how long, what it is, whether headers and body say the same, and whether the method can read its parameters.
/// </summary>
internal sealed class McpDoor(DoorOptions options)
{
    /// <summary>Under which a message has the request that it came in.</summary>
    private const string Request = "agora.request";

    private const string EventStream = "text/event-stream";

    /// <summary>As nearly every client says it.</summary>
    private const string UsualAccept = $"{MediaTypes.Json}, {EventStream}";

    public static readonly DoorRefusal TooLarge = DoorRefusal.Of(StatusCodes.Status413PayloadTooLarge, Codes.PayloadTooLarge, "The message is too large.");

    private static readonly DoorRefusal NoMessage = DoorRefusal.Protocol(McpErrorCode.InvalidRequest, "The body is not one JSON-RPC message; several at once are not taken.");
    private static readonly DoorRefusal Twice = DoorRefusal.Protocol(McpErrorCode.ParseError, "The body has a member twice in one object, in another case.");
    private static readonly MediaTypeHeaderValue Json = new(MediaTypes.Json);
    private static readonly MediaTypeHeaderValue Events = new(EventStream);

    /// <summary>The request that a call came in.</summary>
    public static HttpContext Of(MessageContext context) => (HttpContext)context.Items[Request]!;

    public async Task Handle(HttpContext http)
    {
        if ((await options.Admit(http) ?? Form(http.Request)) is { } refused)
        {
            await refused.Write(http);
            return;
        }

        var (sent, unread) = await Body.ReadOrRefuse(http, Limits.McpMessageBytes);
        if (sent is not { } bytes)
        {
            await (unread!.Code == Codes.PayloadTooLarge ? TooLarge : DoorRefusal.Of(unread)).Write(http);
            return;
        }

        if (!Body.HasRoomToParse(http, bytes.Span))
        {
            await DoorRefusal.Of(Body.NoPlace).Write(http);
            return;
        }

        var (message, wrong) = Read(bytes);
        wrong ??= HeaderRules.Refusal(http.Request.Headers, message!) ?? MessageRules.Refusal(message!);
        await (wrong is null ? Answer(http, message!) : wrong.Write(http, message is JsonRpcRequest request ? request.Id : default));
    }

    private static DoorRefusal? Form(HttpRequest request) =>
        !IsAccepted(request) ? DoorRefusal.Of(StatusCodes.Status406NotAcceptable, Codes.NotAcceptable, $"Accept has to take both {MediaTypes.Json} and {EventStream}.")
            : Body.Is(request, MediaTypes.Json) ? null
            : DoorRefusal.Of(StatusCodes.Status415UnsupportedMediaType, Codes.UnsupportedMediaType, $"Send the message as {MediaTypes.Json} in UTF-8, without a content encoding.");

    private static bool IsAccepted(HttpRequest request)
    {
        if (request.Headers.Accept is [UsualAccept]) return true;

        var ranges = request.GetTypedHeaders().Accept;
        return Acceptable.RangeOf(ranges, Json) is not null && Acceptable.RangeOf(ranges, Events) is not null;
    }

    /// <summary>As strictly as any body: the package would read some of what no two readers understand alike.</summary>
    private static (JsonRpcMessage? Message, DoorRefusal? Wrong) Read(ReadOnlyMemory<byte> bytes)
    {
        var findings = new Findings();
        using var document = StrictJson.Parse(bytes, findings);
        if (document is null) return (null, DoorRefusal.Protocol(McpErrorCode.ParseError, findings.Malformed!.Message));
        if (MessageRules.IsAmbiguous(document.RootElement)) return (null, Twice);

        try
        {
            return document.Deserialize<JsonRpcMessage>(McpJsonUtilities.DefaultOptions) is { } message ? (message, null) : (null, NoMessage);
        }
        catch (JsonException)
        {
            return (null, NoMessage);
        }
    }

    private async Task Answer(HttpContext http, JsonRpcMessage message)
    {
        var revision = HeaderRules.RevisionOf(http.Request.Headers, message);
        var isStateless = revision == Revisions.Stateless;
        message.Context = new() { Items = new Dictionary<string, object?>(StringComparer.Ordinal) { [Request] = http }, ProtocolVersion = isStateless ? Revisions.Stateless : null };
        var headers = http.Response.Headers;
        (headers.ContentType, headers["X-Accel-Buffering"]) = (EventStream, "no");
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        var transport = new StreamableHttpServerTransport { Stateless = true };
        await using var closing = transport.ConfigureAwait(false);
        await using var server = McpServer.Create(transport, options.Servers[revision], serviceProvider: http.RequestServices);
        var running = server.RunAsync(http.RequestAborted);
        if (!await transport.HandlePostRequestAsync(message, http.Response.Body, isStateless ? first => Status(http.Response, first) : null, http.RequestAborted))
        {
            headers.ContentType = default;
            http.Response.StatusCode = StatusCodes.Status202Accepted;
        }

        await transport.DisposeAsync();
        await running;
    }

    /// <summary>Errors that have a status of their own in this revision; those of calls are told with 200.</summary>
    private static ValueTask Status(HttpResponse response, JsonRpcMessage? first)
    {
        if (first is JsonRpcError { Error: { } error } && !response.HasStarted)
        {
            response.StatusCode = (McpErrorCode)error.Code switch
            {
                McpErrorCode.MethodNotFound => StatusCodes.Status404NotFound,
                McpErrorCode.MissingRequiredClientCapability or McpErrorCode.UnsupportedProtocolVersion or McpErrorCode.HeaderMismatch => StatusCodes.Status400BadRequest,
                _ => response.StatusCode,
            };
        }

        return default;
    }
}
