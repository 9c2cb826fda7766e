using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Agora.Api.Http;

/// <summary>
/// What requests within this process take over from the one that they are made for. It is read once: of a request itself many may not read at a time, as the web server puts its parts
/// together while they are asked for.
/// </summary>
/// <param name="Key">Whose key the connection was opened with; null: it serves one request.</param>
/// <param name="Asks">Its method and its route, for records.</param>
internal sealed record Door(IServiceProvider Services, string Id, string Scheme, HostString Host, string Protocol, StringValues Authorization, StringValues Languages, IPAddress? Address, Signer? Signer, ConnectionKey? Key, (string Method, Endpoint? Route) Asks, CancellationToken Aborted)
{
    public static Door Of(HttpContext http) => new(
        http.RequestServices, http.TraceIdentifier, http.Request.Scheme, http.Request.Host, http.Request.Protocol, http.Request.Headers.Authorization, http.Request.Headers.AcceptLanguage, http.Connection.RemoteIpAddress,
        http.Features.Get<Signer>(), http.Features.Get<ConnectionKey>(), (http.Request.Method, http.GetEndpoint()), http.RequestAborted);
}

/// <summary>A request for one of our own routes, within this process. It has the id, the language and the connection of the one that it is made for.</summary>
internal static class InnerContext
{
    /// <param name="door">For which it is made.</param>
    /// <param name="authorization">As the header has it.</param>
    /// <param name="body">Its own.</param>
    /// <param name="ids">What fills the placeholders of its path.</param>
    public static DefaultHttpContext Of(Door door, Operation operation, StringValues authorization, IReadOnlyList<(string Name, string Value)> ids, ReadOnlyMemory<byte> body)
    {
        var http = Of(door);
        var request = http.Request;
        request.Method = operation.Method;
        request.Path = new(ids.Aggregate(operation.Route, static (path, id) => path.Replace($"{{{id.Name}}}", id.Value, StringComparison.Ordinal))); // as it stands: a text alone would be decoded
        foreach (var (name, value) in ids)
        {
            request.RouteValues[name] = value;
        }

        request.Headers.Authorization = authorization;
        request.Headers[RequestIds.Header] = door.Id;
        if (body.Length > 0)
        {
            (request.ContentType, request.ContentLength) = (Body.JsonType, body.Length);
            Body.Keep(http, body);
        }

        return http;
    }

    /// <summary>The one at the door once more, with its credential.</summary>
    public static DefaultHttpContext Again(Door door)
    {
        var http = Of(door);
        http.Request.Method = door.Asks.Method;
        http.Request.Headers.Authorization = door.Authorization;
        http.Features.Set(door.Signer);
        http.Features.Set(door.Key);
        http.SetEndpoint(door.Asks.Route);
        http.RequestAborted = door.Aborted;
        return http;
    }

    /// <summary>One of nothing, for what is written as its answer.</summary>
    public static DefaultHttpContext Of(Door door)
    {
        var http = new DefaultHttpContext { RequestServices = door.Services, TraceIdentifier = door.Id };
        (http.Request.Scheme, http.Request.Host, http.Request.Protocol) = (door.Scheme, door.Host, door.Protocol);
        http.Request.Headers.AcceptLanguage = door.Languages;
        http.Connection.RemoteIpAddress = door.Address;
        return http;
    }
}
