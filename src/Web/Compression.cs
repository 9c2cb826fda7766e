using Agora.Application.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace Agora.Web;

/// <summary>
/// Which replies are compressed, for who takes br or gzip: those of 1 KiB and more, or of unknown length, that hold no secret. By the size of a compressed reply somebody who chooses a part of it can guess at another
/// part (BREACH), so what gives out a token, a key or a link is sent as it is (<see cref="Operation.GivesSecret"/>), and so are pages that a link opens. A <see cref="KeptDocument"/> is compressed already.
/// </summary>
internal sealed class Compression(IServiceProvider services, IOptions<ResponseCompressionOptions> options) : ResponseCompressionProvider(services, options)
{
    public const int LeastBytes = 1_024;

    public static readonly IReadOnlyList<string> Types =
        ["application/json", Problem.ContentType, "application/jwk-set+json", "application/x-ndjson", "text/csv", "text/markdown", "text/plain"];

    public override bool ShouldCompressResponse(HttpContext context) =>
        context.Response.Headers.ContentEncoding.Count == 0 && !(context.Response.ContentLength < LeastBytes) && !HttpMethods.IsHead(context.Request.Method)
        && context.GetEndpoint()?.Metadata.GetMetadata<Operation>() is not ({ GivesSecret: true } or { Audience.IsPublished: false })
        && base.ShouldCompressResponse(context);
}
