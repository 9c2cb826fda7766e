using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Application.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>
/// A JSON document that does not change while the process runs. It is built once, compressed once per content coding, and answered with 304 if the client has it (RFC 9110 sections 8.8.3 and 13.1.2). Each coding is a representation with its own
/// ETag.
/// </summary>
internal sealed class KeptDocument(Func<JsonObject> build)
{
    private const string Type = "application/json; charset=utf-8";

    private readonly Lazy<Coded> _plain = new(() => Coded.Of(Encoding.UTF8.GetBytes(build().ToJsonString(ApiJson.Options)), null));
    private readonly ConcurrentDictionary<string, Lazy<Coded>> _coded = new(StringComparer.Ordinal);

    public Reply Read(HttpRequest request)
    {
        var codings = request.HttpContext.RequestServices.GetRequiredService<IResponseCompressionProvider>();
        var coding = codings.CheckRequestAcceptsCompression(request.HttpContext) ? codings.GetCompressionProvider(request.HttpContext) : null;
        var sent = coding is null ? _plain.Value : _coded.GetOrAdd(coding.EncodingName, _ => new(() => Compressed(coding))).Value;
        List<(string, string)> headers = [("Content-Language", "en"), (HeaderNames.ETag, sent.Tag), (HeaderNames.CacheControl, "no-cache"), (HeaderNames.Vary, HeaderNames.AcceptEncoding)];
        if (EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known) && known.Any(tag => tag == EntityTagHeaderValue.Any || tag.Compare(sent.Header, useStrongComparison: false)))
        {
            return Reply.NotModified() with { Headers = headers };
        }

        if (coding is not null)
        {
            headers.Add((HeaderNames.ContentEncoding, coding.EncodingName));
        }

        return Reply.Ok(new PlainBytes(Type, sent.Bytes)) with { Headers = headers };
    }

    private Coded Compressed(ICompressionProvider coding)
    {
        using var bytes = new MemoryStream();
        using (var stream = coding.CreateStream(bytes))
        {
            stream.Write(_plain.Value.Bytes);
        }

        return Coded.Of(bytes.ToArray(), coding.EncodingName);
    }

    private sealed record Coded(byte[] Bytes, string Tag)
    {
        public EntityTagHeaderValue Header { get; } = EntityTagHeaderValue.Parse(Tag);

        public static Coded Of(byte[] bytes, string? coding) => new(bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..22]}{(coding is null ? "" : $"-{coding}")}\"");
    }
}
