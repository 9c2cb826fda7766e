using System.Text;
using Agora.Crypto;
using Agora.Provider.Http;

namespace Agora.Clients.Tests.CSharp;

/// <summary>What it costs a provider to know who calls.</summary>
public sealed class CallSignatureTests
{
    private static readonly Uri Endpoint = new("https://texts.example/summary");
    private static readonly Ed25519PrivateKey Key = new([.. Enumerable.Range(0, 32).Select(static n => (byte)n)]);

    /// <summary>Plain integers of any size allocate almost a megabyte a call, a forged one too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_is_verified_within_a_hundred_kilobytes(bool isForged)
    {
        Assert.Equal(isForged ? "The signature is not Agora's." : null, await Verify(isForged));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 10; n++) await Verify(isForged);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 1, 100_000);
    }

    /// <summary>Whatever Host says: the address is the one that was registered.</summary>
    [Fact]
    public async Task A_call_that_was_signed_for_another_address_is_refused()
    {
        Assert.Equal("The signature is not Agora's.", await Verify(isForged: false, signedFor: new("https://staging.example/summary")));
    }

    /// <summary>A proxy may add a signature of its own to both fields: the tag says which one is Agora's.</summary>
    [Fact]
    public async Task A_call_that_a_proxy_signed_too_is_taken() => Assert.Null(await Verify(isForged: false, change: static headers =>
    {
        headers["signature-input"] = $"proxy=(\"@method\");created=1;keyid=\"p\", {headers["signature-input"]}";
        headers["signature"] = $"proxy=:AAAA:, {headers["signature"]}";
    }));

    [Fact]
    public async Task A_call_that_says_twice_when_it_was_signed_is_refused() =>
        Assert.Equal("There is no signature of Agora's.", await Verify(isForged: false, change: static headers => headers["signature-input"] += ";created=1"));

    // All is done on this thread: nothing waits.
    private static Task<string?> Verify(bool isForged, Uri? signedFor = null, Action<Dictionary<string, string>>? change = null)
    {
        const string Body = """{"text":"A text."}""";
        using var call = SignedCall.Of(Endpoint, Body, "run-1", Key, signedFor: signedFor);
        var headers = call.Headers.ToDictionary(static one => one.Key.ToLowerInvariant(), static one => string.Join(", ", one.Value));
        headers["content-type"] = call.Content!.Headers.ContentType!.ToString();
        if (isForged)
        {
            headers["signature"] = $"agora=:{Convert.ToBase64String(new byte[64])}:";
        }

        change?.Invoke(headers);
        return CallSignature.WhyNot("POST", Endpoint, headers.GetValueOrDefault, Encoding.UTF8.GetBytes(Body), static (_, _) => Task.FromResult<byte[]?>(Key.PublicKey.ToArray()), DateTimeOffset.UtcNow, default);
    }
}
