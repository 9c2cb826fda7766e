using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Agora.Client.Http.Sealing;

namespace Agora.Client.Http;

/// <summary>Gives a new token for the one that is not taken any more.</summary>
/// <param name="unanswered">A try before had no answer.</param>
internal delegate Task<Credential> Renew(AgoraException error, bool unanswered, CancellationToken cancel);

/// <summary>A bearer token; or keys that sign each try, within a session of their agent's or, where it is null, as the agent itself.</summary>
internal sealed record Credential(string? Token, KeyRing? Keys = null, string? Session = null, string Tenant = "default");

/// <summary>A request as it is asked for; its key is made by the transport where the caller has none, and kept through all tries.</summary>
internal sealed record Asked(HttpMethod Method, string Path, Credential? Credential, object? Body = null, string? Key = null, string? Prefer = null, Renew? Renew = null);

/// <summary>
/// A server, reached by HTTP.
/// <para>ChargedOnce: what had no answer is sent again under the same key. Another one is taken only where an outcome that cost nothing stands under a key that was made here.</para>
/// <para>Bounded: by tries and by a deadline over all of them. Redirects are not followed: a key goes to nobody but whom it was meant for.</para>
/// </summary>
internal sealed class Transport(Uri url, RetryOptions retry, HttpMessageHandler? handler, TimeProvider time) : IDisposable
{
    private const string EventType = "text/event-stream";

    private readonly HttpMessageInvoker _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = System.Net.DecompressionMethods.All }, disposeHandler: handler is null);

    public Uri Url => url;

    public RetryOptions Retry => retry;

    public TimeProvider Time => time;

    public void Dispose() => _http.Dispose();

    public async Task<Reply<T>> Send<T>(Asked asked, CancellationToken cancel)
    {
        var (began, key, newKeys) = (time.GetTimestamp(), asked.Method == HttpMethod.Get ? null : asked.Key ?? Guid.NewGuid().ToString(), asked.Key is null ? retry.NewKeys : 0);
        var (credential, renew, unanswered) = (asked.Credential, asked.Renew, false);
        for (var left = retry.Attempts - 1; left >= 0; left--)
        {
            try
            {
                return await Once<T>(asked, credential, key, Within(began), cancel);
            }
            catch (AgoraException error)
            {
                if (renew is not null && error.Status == 401 && left > 0)
                {
                    (credential, renew) = (await renew(error, unanswered && asked.Method != HttpMethod.Get, cancel), null);
                    continue;
                }

                var pause = Pause(error, retry.Attempts - 1 - left);
                var anew = error.Retry == "new_key";
                if (pause is not { } wait || left == 0 || time.GetElapsedTime(began) + wait > retry.Deadline || (anew && newKeys == 0)) throw;

                unanswered |= error is NoAnswerException || error.Code == "idempotency_in_flight";
                if (anew)
                {
                    (key, newKeys, unanswered) = (Guid.NewGuid().ToString(), newKeys - 1, false);
                }

                await Task.Delay(wait, time, cancel);
            }
        }

        throw new InvalidOperationException("A request has at least one try.");
    }

    /// <summary>The events of one connection, until it ends or is cut.</summary>
    /// <param name="after">The id of the last event that was received.</param>
    /// <exception cref="NoAnswerException">It was cut, or there was none.</exception>
    public async IAsyncEnumerable<ServerEvent> Events(Asked asked, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var response = await Connected(asked, after, cancel);
        await using var events = EventLines.Read(await response.Content.ReadAsStreamAsync(cancel), retry.Timeout, time, cancel).GetAsyncEnumerator(cancel);
        while (await Lost(() => events.MoveNextAsync().AsTask(), null, cancel)) yield return events.Current;
    }

    /// <summary>Null: it is not sent again.</summary>
    public static TimeSpan? Pause(AgoraException error, int attempt) =>
        error is NoAnswerException ? TimeSpan.FromSeconds((0.5 + (Random.Shared.NextDouble() / 2)) * Math.Min(8, 0.25 * Math.Pow(2, attempt)))
        : error.Retry == "never" ? null : error.RetryAfter;

    private TimeSpan Within(long began)
    {
        var left = retry.Deadline - time.GetElapsedTime(began);
        var least = TimeSpan.FromMilliseconds(100);
        return left < least ? least : left < retry.Timeout ? left : retry.Timeout;
    }

    private async Task<Reply<T>> Once<T>(Asked asked, Credential? credential, string? key, TimeSpan timeout, CancellationToken cancel)
    {
        using var clock = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancel);
        return await Lost(
            async () =>
            {
                using var request = Request(asked, credential, key);
                using var response = await _http.SendAsync(request, either.Token);
                return Read<T>(request, response, await response.Content.ReadAsByteArrayAsync(either.Token), key);
            },
            key,
            cancel);
    }

    /// <summary>One that has begun to send events.</summary>
    private async Task<HttpResponseMessage> Connected(Asked asked, string? after, CancellationToken cancel)
    {
        using var clock = new CancellationTokenSource(retry.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancel);
        return await Lost(
            async () =>
            {
                using var request = Request(asked, asked.Credential, key: null);
                request.Headers.Accept.Clear();
                request.Headers.Accept.Add(new(EventType));
                if (after is not null)
                {
                    request.Headers.TryAddWithoutValidation("Last-Event-ID", after);
                }

                var response = await _http.SendAsync(request, either.Token);
                if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == EventType) return response;

                using (response)
                {
                    Read<JsonElement>(request, response, await response.Content.ReadAsByteArrayAsync(either.Token), key: null);
                    throw new NoAnswerException("somebody in between has answered", key: null, cause: null);
                }
            },
            key: null,
            cancel);
    }

    private static async Task<T> Lost<T>(Func<Task<T>> asked, string? key, CancellationToken cancel)
    {
        try
        {
            return await asked();
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException || (lost is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new NoAnswerException(lost.Message, key, lost);
        }
    }

    private HttpRequestMessage Request(Asked asked, Credential? credential, string? key)
    {
        var request = new HttpRequestMessage(asked.Method, new Uri(url, asked.Path));
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.TryAddWithoutValidation("User-Agent", "agora-client-dotnet");
        request.Headers.Authorization = credential?.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        if (asked.Prefer is not null)
        {
            request.Headers.TryAddWithoutValidation("Prefer", asked.Prefer);
        }

        var body = asked.Body is null ? null : JsonSerializer.SerializeToUtf8Bytes(asked.Body, Wire.Options);
        request.Content = body is null ? null : new ByteArrayContent(body) { Headers = { ContentType = new("application/json", "utf-8") } };
        credential?.Keys?.SignRequest(request, body, credential.Session, credential.Tenant);
        return request;
    }

    private static Reply<T> Read<T>(HttpRequestMessage request, HttpResponseMessage response, byte[] body, string? key)
    {
        var status = (int)response.StatusCode;
        JsonElement reply;
        try
        {
            using var parsed = JsonDocument.Parse(body);
            reply = parsed.RootElement.Clone();
        }
        catch (JsonException garbled)
        {
            // It was cut off, or somebody in between has answered.
            if (status is < 300 or >= 500) throw new NoAnswerException($"status {status} without a reply of Agora's", key, garbled);
            reply = default;
        }

        var requestId = Member(reply, "request_id") is { ValueKind: JsonValueKind.String } id ? id.GetString() : null;
        if (!response.IsSuccessStatusCode)
        {
            throw AgoraException.Of(status, RequestSigner.Explained(RefusalOf(reply, status), request, response), requestId, key);
        }

        var data = (Member(reply, "data") ?? reply).Deserialize<T>(Wire.Options) ?? throw new NoAnswerException("the reply holds nothing", key, null);
        var actions = Member(reply, "next_actions")?.Deserialize<IReadOnlyList<NextAction>>(Wire.Options) ?? [];
        var replayed = response.Headers.TryGetValues("Idempotent-Replayed", out var values) && values.Contains("true");
        return new(data, status, actions, requestId, replayed, response.Headers.RetryAfter?.Delta);
    }

    private static Refusal RefusalOf(JsonElement reply, int status) => Member(reply, "error") is { ValueKind: JsonValueKind.Object } error
        ? error.Deserialize<Refusal>(Wire.Options)!
        : new("http_" + status.ToString(CultureInfo.InvariantCulture), $"Status {status}, without an error that Agora would send.", null, "never", null, null);

    private static JsonElement? Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;
}
