using Agora.Crypto;
using Agora.Provider.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Clients.Tests.CSharp;

/// <summary>How often a service asks Agora for its keys: anyone can send a call whose key is not known.</summary>
public sealed class KeySetTests : IAsyncLifetime
{
    private static readonly Ed25519PrivateKey Key = new([.. Enumerable.Range(0, 32).Select(static n => (byte)n)]);
    private static readonly string KeyId = new Jwk(Key.PublicKey).KeyId;

    private readonly SimTimeProvider _time = new();
    private WebApplication _agora = null!;
    private KeySet _keys = null!;
    private Func<Task<IResult>> _answer = static () => Task.FromResult(Results.Text($$"""{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"{{KeyId}}","x":"{{System.Buffers.Text.Base64Url.EncodeToString(Key.PublicKey.Span)}}"}]}"""));
    private int _asked;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _agora = builder.Build();
        _agora.Urls.Add("http://127.0.0.1:0");
        _agora.MapGet("/.well-known/jwks.json", () =>
        {
            Interlocked.Increment(ref _asked);
            return _answer();
        });
        await _agora.StartAsync();
        _keys = new(new(_agora.Urls.Single()), _time);
    }

    public async Task DisposeAsync() => await _agora.DisposeAsync();

    [Fact]
    public async Task A_key_that_is_known_is_asked_for_once_and_one_that_is_not_again_after_ten_seconds()
    {
        Assert.Equal(Key.PublicKey.ToArray(), await _keys.Find(KeyId, default));
        Assert.Null(await _keys.Find("another", default));
        Assert.Equal(1, _asked);

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Key.PublicKey.ToArray(), await _keys.Find(KeyId, default));
        Assert.Equal(1, _asked);
        Assert.Null(await _keys.Find("another", default));
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_are_asked_for_once_in_ten_seconds()
    {
        _answer = static () => Task.FromResult(Results.StatusCode(503));
        await Assert.ThrowsAsync<HttpRequestException>(() => _keys.Find(KeyId, default));
        Assert.Null(await _keys.Find(KeyId, default));
        Assert.Equal(1, _asked);

        _time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<HttpRequestException>(() => _keys.Find(KeyId, default));
        Assert.Equal(2, _asked);
    }

    /// <summary>A forged call would keep Agora's own waiting, for as long as the answer takes.</summary>
    [Fact]
    public async Task While_keys_are_read_for_one_that_is_not_known_a_known_one_is_found()
    {
        await _keys.Find(KeyId, default);
        var (reached, answer) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource<IResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        _answer = () =>
        {
            reached.SetResult();
            return answer.Task;
        };
        _time.Advance(TimeSpan.FromSeconds(10));
        var forged = _keys.Find("another", default);
        await reached.Task.WaitAsync(Hang.Timeout);

        var known = _keys.Find(KeyId, default);
        Assert.True(known.IsCompleted);

        answer.SetResult(Results.Text("""{"keys":[]}"""));
        Assert.Null(await forged.WaitAsync(Hang.Timeout));
        Assert.Equal(Key.PublicKey.ToArray(), await known);
        Assert.Null(await _keys.Find(KeyId, default)); // it was withdrawn
    }
}
