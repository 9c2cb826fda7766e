using System.Net;
using Agora.Application.Language;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Agora.Web;

/// <summary>A request over HTTP. It has no state of its own, so several may be made of one <see cref="HttpContext"/>.</summary>
internal sealed class ReceivedRequest(HttpContext http) : Request
{
    public HttpContext Http => http;

    public override string Id => http.TraceIdentifier;

    public override string Route => RouteNames.Of(http);

    public override string Method => http.Request.Method;

    public override string Path => http.Request.Path.Value ?? "";

    public override string Address => UriHelper.BuildAbsolute(http.Request.Scheme, http.Request.Host, http.Request.PathBase, http.Request.Path);

    public override string Origin => UriHelper.BuildAbsolute(http.Request.Scheme, http.Request.Host, http.Request.PathBase).TrimEnd('/');

    public override IPAddress? From => http.Connection.RemoteIpAddress;

    public override CancellationToken Ended => http.RequestAborted;

    public override Words? Words => Languages.Of(http.Request);

    // A request without a query does not pay for parsing one.
    public override IReadOnlyDictionary<string, StringValues> Query => http.Request.QueryString.HasValue ? new Dictionary<string, StringValues>(http.Request.Query, StringComparer.OrdinalIgnoreCase) : QueryFields.None;

    public override Signer? Signer { get => http.Features.Get<Signer>(); set => http.Features.Set(value); }

    public override ConnectionKey? Connection { get => http.Features.Get<ConnectionKey>(); set => http.Features.Set(value); }

    public override PlaceOwner Owner { get => RequestOwners.Of(http); set => RequestOwners.Set(http, value); }

    public override IList<string>? SocketProtocols => http.WebSockets is { IsWebSocketRequest: true } sockets ? sockets.WebSocketRequestedProtocols : null;

    public override (string Name, string Value)? SignatureWanted => SignedRequests.Wanted(http);

    public override StringValues Header(string name) => http.Request.Headers[name];

    public override string PathValue(string name) => (string?)http.GetRouteValue(name) ?? "";

    public override void SetParameter(string name, string value) => http.Request.Query = new QueryCollection(new Dictionary<string, StringValues>(http.Request.Query, StringComparer.OrdinalIgnoreCase) { [name] = value });

    public override ValueTask<Body> Read(Operation operation, Findings findings) => Body.Read(http, operation, findings);

    public override async ValueTask<byte[]?> Form(string mediaType, int most) => Body.Is(http.Request, mediaType) ? await Body.ReadAtMost(http, most) ?? [] : null;

    public override bool HasRoomToParse(ReadOnlySpan<byte> json) => Body.HasRoomToParse(http, json);

    public override void GiveBack() => Body.GiveBack(http);

    public override void HoldUntil(Task over) => Body.HoldUntil(http, over);

    public override void EndWith(IDisposable something) => http.Response.RegisterForDispose(something);

    public override void Mark(Tenant tenant)
    {
        if (tenant.IsTest)
        {
            http.Response.Headers[TestMode.Header] = TestMode.Test;
        }
    }

    public override void CloseConnection() => http.Response.Headers.Connection = "close";
}
