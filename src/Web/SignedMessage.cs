using Agora.Crypto.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Agora.Web;

/// <summary>A request that came, as a signature covers it.</summary>
internal static class SignedMessage
{
    public static HttpMessage Of(HttpRequest request) => new(request.Method, request.Scheme, Authority(request.Scheme, request.Host), Target(request), name => request.Headers[name]);

    /// <summary>As whoever sent it to that address saw it.</summary>
    public static HttpMessage Of(HttpRequest request, Uri address) =>
        new(request.Method, address.Scheme, Authority(address.Scheme, HostString.FromUriComponent(address)), address.AbsolutePath.TrimEnd('/') + Target(request), name => request.Headers[name]);

    /// <summary>In lower case, without the port that the scheme has anyway (RFC 9421 section 2.2.3).</summary>
    private static string Authority(string scheme, HostString host)
    {
        var text = host.Value?.ToLowerInvariant() ?? "";
        return host.Port == (scheme == "https" ? 443 : 80) ? text[..text.LastIndexOf(':')] : text;
    }

    private static string Target(HttpRequest request) => request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget is ['/', ..] and var raw ? raw
        : $"{request.PathBase.ToUriComponent()}{request.Path.ToUriComponent()}{request.QueryString.ToUriComponent()}";
}
