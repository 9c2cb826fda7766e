using System.IO.Compression;
using System.Net;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Documents;

/// <summary>Documents that do not change while a process runs are built and compressed once, and not sent to clients that have them.</summary>
public sealed class KeptDocumentTests
{
    [Theory]
    [InlineData("/openapi/v1.json")]
    [InlineData("/gpt/openapi.json")]
    public async Task A_document_has_an_ETag_for_each_coding_and_is_not_sent_to_who_has_it(string path)
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = api.Client.Address };
        var tags = new HashSet<string>();
        var texts = new HashSet<string>();
        foreach (var coding in new[] { "identity", "gzip", "br" })
        {
            using var first = await Get(http, path, coding);
            using var again = await Get(http, path, coding);
            Assert.Equal((HttpStatusCode.OK, coding, "Accept-Encoding"), (first.StatusCode, first.Content.Headers.ContentEncoding.SingleOrDefault() ?? "identity", first.Headers.Vary.ToString()));
            Assert.True(first.Headers.CacheControl!.NoCache);
            Assert.Equal(first.Headers.ETag, again.Headers.ETag);
            Assert.True(tags.Add(first.Headers.ETag!.Tag));
            texts.Add(await Text(first));

            foreach (var known in new[] { first.Headers.ETag.Tag, $"W/{first.Headers.ETag.Tag}", $"\"other\", {first.Headers.ETag.Tag}", "*" })
            {
                using var none = await Get(http, path, coding, known);
                Assert.Equal((HttpStatusCode.NotModified, first.Headers.ETag, 0), (none.StatusCode, none.Headers.ETag, (await none.Content.ReadAsByteArrayAsync()).Length));
            }

            using var changed = await Get(http, path, coding, "\"other\"");
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        }

        Assert.Equal("3.1.0", System.Text.Json.JsonDocument.Parse(Assert.Single(texts)).RootElement.GetProperty("openapi").GetString());
    }

    private static Task<HttpResponseMessage> Get(HttpClient http, string path, string coding, string? known = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", coding);
        request.Headers.TryAddWithoutValidation("If-None-Match", known);
        return http.SendAsync(request);
    }

    private static async Task<string> Text(HttpResponseMessage reply)
    {
        await using var body = await reply.Content.ReadAsStreamAsync();
        await using var plain = reply.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(plain);
        return await reader.ReadToEndAsync();
    }
}
