using System.Text.Json;

namespace Agora.Client.Http;

/// <summary>What operators do, as far as a few lines reach: any route, and any list as iteration.</summary>
/// <param name="handler">Through which requests go; it is the caller's to dispose of. Null: one that follows no redirect.</param>
public sealed class AgoraOperator(Uri url, string key, RetryOptions? retry = null, HttpMessageHandler? handler = null) : IDisposable
{
    private readonly Transport _http = new(url, retry ?? new(), handler, TimeProvider.System);

    public Task<Reply<T>> Send<T>(HttpMethod method, string path, object? body = null, string? idempotencyKey = null, CancellationToken cancel = default) =>
        _http.Send<T>(new(method, path, new(key), body, idempotencyKey), cancel);

    /// <summary>All items of a list, such as those of <c>/admin/payments</c> with <c>user_id</c>.</summary>
    public IAsyncEnumerable<T> All<T>(string path, IEnumerable<KeyValuePair<string, object?>>? filters = null, CancellationToken cancel = default) =>
        Pages.Of<T>(page => Send<JsonElement>(HttpMethod.Get, page, cancel: cancel), path, filters ?? [], cancel);

    public void Dispose() => _http.Dispose();
}
