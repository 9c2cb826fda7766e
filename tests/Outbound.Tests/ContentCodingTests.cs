using System.IO.Compression;
using System.Text;

namespace Agora.Outbound.Tests;

/// <summary>We ask for answers that are not compressed, and read those that are all the same, within the same bounds.</summary>
public sealed class ContentCodingTests
{
    private const string Said = """{"said":"grüß Gott"}""";

    public static TheoryData<string> Known => ["gzip", "GZIP", "x-gzip", "br", "deflate", "identity", "identity, gzip"];

    [Theory]
    [MemberData(nameof(Known))]
    public async Task An_answer_that_is_compressed_though_nobody_asked_is_read(string coding)
    {
        await using var service = Answering(coding, Coded(coding, Encoding.UTF8.GetBytes(Said)));
        using var outbound = Calls.For(service);

        Assert.Equal(Said, (await outbound.Call(Calls.To(service.Port))).Text());
        Assert.Equal(["identity"], service.Seen.Single().Headers["Accept-Encoding"]);
    }

    [Theory]
    [MemberData(nameof(Known))]
    public async Task A_stream_that_is_compressed_though_nobody_asked_is_read(string coding)
    {
        await using var service = Answering(coding, Coded(coding, Encoding.UTF8.GetBytes(Said)));
        using var http = new HttpStreams(AllowList.Parse($"127.0.0.1:{service.Port}"), TimeProvider.System);
        using var answer = Assert.IsType<StreamedResult.Answered>(await Sent(http, service)).Answer;

        Assert.Equal(Said, Encoding.UTF8.GetString((await answer.ReadWhole(1_000, CancellationToken.None))!.Value.Span));
        Assert.Equal(["identity"], service.Seen.Single().Headers["Accept-Encoding"]);
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, zstd")]
    [InlineData("gzip, gzip")]
    [InlineData("gzip, br")]
    [InlineData("x-nonsense")]
    public async Task An_answer_in_a_coding_that_is_not_known_or_in_two_is_none_Malformed(string coding)
    {
        await using var service = Answering(coding, Coded(coding, Encoding.UTF8.GetBytes(Said)));
        using var outbound = Calls.For(service);
        using var http = new HttpStreams(AllowList.Parse($"127.0.0.1:{service.Port}"), TimeProvider.System);

        Assert.Equal(OutboundFailure.Malformed, (await outbound.Call(Calls.To(service.Port))).Kind());
        using var answer = Assert.IsType<StreamedResult.Answered>(await Sent(http, service)).Answer;
        Assert.Equal(200, answer.Status);
        await Assert.ThrowsAsync<ContentCodingException>(() => answer.ReadWhole(1_000, CancellationToken.None));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task An_answer_that_is_not_compressed_as_it_says_is_none_Malformed(string coding)
    {
        await using var service = Answering(coding, Encoding.UTF8.GetBytes(Said));
        using var outbound = Calls.For(service);

        Assert.Equal(OutboundFailure.Malformed, (await outbound.Call(Calls.To(service.Port))).Kind());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task An_answer_that_is_longer_than_it_may_be_when_it_is_decompressed_is_cut_off_TooLarge(string coding)
    {
        await using var service = Answering(coding, Coded(coding, new byte[OutboundLimits.MaxResponseBytes + 1]));
        using var outbound = Calls.For(service);
        using var http = new HttpStreams(AllowList.Parse($"127.0.0.1:{service.Port}"), TimeProvider.System);

        Assert.Equal(OutboundFailure.TooLarge, (await outbound.Call(Calls.To(service.Port))).Kind());
        using var answer = Assert.IsType<StreamedResult.Answered>(await Sent(http, service)).Answer;
        Assert.Null(await answer.ReadWhole(OutboundLimits.MaxResponseBytes, CancellationToken.None));
    }

    [Fact]
    public async Task Events_of_a_compressed_stream_come_as_they_are_sent()
    {
        using var second = new SemaphoreSlim(0);
        await using var service = new ScriptedService(async (_, _, stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"u8.ToArray(), stop);
            await using var zipped = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
            await zipped.WriteAsync("data: one\n\n"u8.ToArray(), stop);
            await zipped.FlushAsync(stop);
            await second.WaitAsync(stop);
            await zipped.WriteAsync("data: two\n\n"u8.ToArray(), stop);
        });
        using var http = new HttpStreams(AllowList.Parse($"127.0.0.1:{service.Port}"), TimeProvider.System);
        using var answer = Assert.IsType<StreamedResult.Answered>(await Sent(http, service)).Answer;
        var (events, data) = (answer.Events(1_000), new List<ReadOnlyMemory<byte>>());

        while (data.Count == 0) Assert.True(await events.Read(data, CancellationToken.None));
        second.Release();
        while (await events.Read(data, CancellationToken.None)) Assert.InRange(data.Count, 1, 2);

        Assert.Equal(["one", "two"], data.Select(static one => Encoding.UTF8.GetString(one.Span)));
    }

    private static Task<StreamedResult> Sent(HttpStreams http, ScriptedService service) =>
        http.Send(new() { Endpoint = new($"http://127.0.0.1:{service.Port}/v1"), Body = "{}"u8.ToArray(), HeadTimeout = TimeSpan.FromMinutes(2) }, CancellationToken.None);

    private static ScriptedService Answering(string coding, byte[] body) => new(async (_, _, stream, stop) =>
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), stop);
        await stream.WriteAsync(body, stop);
    });

    private static byte[] Coded(string codings, byte[] body)
    {
        foreach (var coding in codings.Split(", "))
        {
            using var into = new MemoryStream();
            using (var coder = coding.ToLowerInvariant() switch
            {
                "gzip" or "x-gzip" => new GZipStream(into, CompressionLevel.Fastest, leaveOpen: true),
                "br" => new BrotliStream(into, CompressionLevel.Fastest, leaveOpen: true),
                "deflate" => new ZLibStream(into, CompressionLevel.Fastest, leaveOpen: true),
                _ => (Stream?)null,
            })
            {
                if (coder is null) continue;

                coder.Write(body);
            }

            body = into.ToArray();
        }

        return body;
    }
}
