using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>A request for one of our own routes, within this process. It has the id, the language and the connection of the one that it is made for.</summary>
internal static class InnerContext
{
    /// <param name="door">For which it is made.</param>
    /// <param name="authorization">As the header has it.</param>
    /// <param name="body">Its own.</param>
    /// <param name="ids">What fills the placeholders of its path.</param>
    public static DefaultHttpContext Of(HttpContext door, Operation operation, string? authorization, IReadOnlyList<(string Name, string Value)> ids, ReadOnlyMemory<byte> body)
    {
        var http = new DefaultHttpContext { RequestServices = door.RequestServices, TraceIdentifier = door.TraceIdentifier };
        var request = http.Request;
        (request.Method, request.Scheme, request.Host, request.Protocol) = (operation.Method, door.Request.Scheme, door.Request.Host, door.Request.Protocol);
        request.Path = new(ids.Aggregate(operation.Route, static (path, id) => path.Replace($"{{{id.Name}}}", id.Value, StringComparison.Ordinal))); // as it stands: a text alone would be decoded
        foreach (var (name, value) in ids)
        {
            request.RouteValues[name] = value;
        }

        request.Headers.Authorization = authorization;
        request.Headers[RequestIds.Header] = door.TraceIdentifier;
        request.Headers.AcceptLanguage = door.Request.Headers.AcceptLanguage;
        if (body.Length > 0)
        {
            (request.ContentType, request.ContentLength) = (Body.JsonType, body.Length);
            Body.Keep(http, body);
        }

        http.Connection.RemoteIpAddress = door.Connection.RemoteIpAddress;
        return http;
    }
}
