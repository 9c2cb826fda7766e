using Agora.Models;
using Agora.Outbound;
using Polly.CircuitBreaker;

namespace Agora.Providers;

/// <summary>
/// One provider: its keys, its health, and calls to it. A call is tried again only where it certainly cost nothing: it was not sent, or the provider said that it did nothing. What was sent and of which nothing is known is never
/// sent again. Thread-safe.
/// </summary>
public sealed class Provider(ProviderOptions options, HttpStreams http, TimeProvider time)
{
    private static readonly ProviderFault Resting = new(FaultKind.Overloaded, "The provider is failing and rests for a few seconds.", RetryAfterSeconds: 15);
    private static readonly ProviderFault NoConnection = new(FaultKind.Overloaded, "No connection to the provider could be made.", RetryAfterSeconds: 1);
    private static readonly ProviderFault NotAllowed = new(FaultKind.Failed, "The provider's address may not be called from here: it is no public https address, and AGORA_OUTBOUND_ALLOW does not name it.");
    private static readonly ProviderFault Lost = new(FaultKind.Failed, "The connection to the provider broke off before it answered; whether the model was run is not known.");
    private static readonly ProviderFault Late = new(FaultKind.Failed, "The provider did not answer in time; whether the model was run is not known.");
    private static readonly ProviderFault Unreadable = new(FaultKind.Failed, "The provider's answer could not be read.");
    private static readonly ProviderFault KeysRest = new(FaultKind.RateLimited, "All keys for this provider have had too much, or are refused, and rest.", RetryAfterSeconds: 10);

    private readonly IReadOnlyList<ProviderKey> _keys = [.. options.Keys.Select(key => new ProviderKey(key, time))];
    private readonly Breaker<ProviderAnswer> _breaker = new(time, IsUnwell);

    /// <summary>Of a key that was cut off at the end of a text: fewer characters say nothing of it.</summary>
    private const int LeastOfKey = 4;

    private int _turn;

    public string Name => options.Name;

    public bool? RetainsData => options.RetainsData;

    public bool ServesTests => options.ServesTests;

    /// <summary>It may write to its cache, at its price, what nobody asked it to: Anthropic alone is told what to cache.</summary>
    public bool CachesUnasked => options.Wire.Maker != "anthropic";

    /// <param name="model">As the provider names it.</param>
    /// <param name="caller">The caller of the request: only some failures of one caller count for the provider's health. Null if each failure counts.</param>
    /// <exception cref="Models.Dialects.DialectException">The provider cannot do what is asked; nothing was sent.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; whether anything was sent is not known.</exception>
    public async Task<ProviderAnswer> Call(ModelRequest request, string model, int maxOutputTokens, ProviderCaller? caller, TimeSpan atMost, string? traceparent, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var answer = await Send(request, atMost);
        if (!IsInvalid(answer) || options.Wire.Plainer(request) is not { } plainer) return answer;

        // What was refused cost nothing. Where this is refused too, the first answer names the reason.
        var second = await Send(plainer, atMost - time.GetElapsedTime(started));
        return IsInvalid(second) ? answer : second;

        Task<ProviderAnswer> Send(ModelRequest sent, TimeSpan within) => Ask(Asking.Of(options.Wire, sent, model, maxOutputTokens) with { Caller = caller?.Outbound }, within, traceparent, cancellation);

        static bool IsInvalid(ProviderAnswer said) => said is ProviderAnswer.Refused { Fault.Kind: FaultKind.InvalidRequest };
    }

    /// <summary>One try, of which nothing follows for others: it says nothing of the provider's health, and lets no key rest. Where the provider rests already nothing is sent.</summary>
    /// <exception cref="Models.Dialects.DialectException">The provider cannot do what is asked; nothing was sent.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; whether anything was sent is not known.</exception>
    public async Task<ProviderAnswer> CallAside(ModelRequest request, string model, int maxOutputTokens, TimeSpan atMost, string? traceparent, CancellationToken cancellation) =>
        (await Try(Asking.Of(options.Wire, request, model, maxOutputTokens) with { IsAside = true }, refused: [], atMost, traceparent, cancellation)).Answer;

    /// <summary>What it would read, by its usage, which nobody bills.</summary>
    /// <exception cref="Models.Dialects.DialectException">The provider does not say that, or cannot do what is asked; nothing was sent.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<ProviderAnswer> Count(ModelRequest request, string model, ProviderCaller? caller, TimeSpan atMost, string? traceparent, CancellationToken cancellation) =>
        await Ask(Asking.Count(options.Wire, request, model) with { Caller = caller?.Outbound }, atMost, traceparent, cancellation);

    private async Task<ProviderAnswer> Ask(Asking asking, TimeSpan atMost, string? traceparent, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var refused = new List<ProviderKey>();
        for (var number = 1; ; number++)
        {
            var (answer, key) = await Try(asking, refused, atMost - time.GetElapsedTime(started), traceparent, cancellation);
            if (key is not null && IsOfKey(answer))
            {
                refused.Add(key);
            }

            var pause = IsForAnotherKey(answer, refused) ? TimeSpan.Zero : Pause(answer, number);
            if (number == ProviderLimits.Attempts || pause is not { } wait || wait >= atMost - time.GetElapsedTime(started)) return answer;

            await Task.Delay(wait, time, cancellation);
        }
    }

    /// <summary>Whether another key may get another answer.</summary>
    private static bool IsOfKey(ProviderAnswer answer) => answer is ProviderAnswer.Refused { Fault.Kind: FaultKind.Unauthorized or FaultKind.RateLimited or FaultKind.OutOfQuota };

    /// <summary>Whether the request is sent at once with another key, whatever pause the answer asks for. If a second key gets the same answer, the request is the reason, and it is not sent with further keys, except after keys that the provider does not know.</summary>
    private bool IsForAnotherKey(ProviderAnswer answer, List<ProviderKey> refused) =>
        IsOfKey(answer) && (refused.Count == 1 || answer is ProviderAnswer.Refused { Fault.Kind: FaultKind.Unauthorized }) && _keys.Any(key => !key.Rests && !refused.Contains(key));

    /// <summary>What is sent: requests whose bodies are the same bytes are equal.</summary>
    /// <exception cref="Models.Dialects.DialectException">The provider cannot do what is asked.</exception>
    public ReadOnlyMemory<byte> BodyOf(ModelRequest request, string model, int maxOutputTokens) => Asking.Of(options.Wire, request, model, maxOutputTokens).Body;

    /// <summary>Null: it is not tried again.</summary>
    private static TimeSpan? Pause(ProviderAnswer answer, int number) => answer switch
    {
        ProviderAnswer.Unsent { Fault: var fault } when fault == NoConnection => ProviderLimits.FirstPause * number,
        ProviderAnswer.Refused { Fault: { Kind: FaultKind.RateLimited or FaultKind.Overloaded or FaultKind.Failed } fault } =>
            TimeSpan.FromSeconds(fault.RetryAfterSeconds ?? 0) is var wanted && wanted <= ProviderLimits.PauseLongest ? Longer(wanted, ProviderLimits.FirstPause * (1 << number)) : null,
        _ => null,
    };

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <param name="refused">The keys that have refused this request.</param>
    private async Task<(ProviderAnswer Answer, ProviderKey? Key)> Try(Asking asking, List<ProviderKey> refused, TimeSpan atMost, string? traceparent, CancellationToken cancellation)
    {
        if (atMost <= TimeSpan.Zero) return (new ProviderAnswer.Unsent(Resting), null);
        if (NextKey(refused) is not { } key) return (new ProviderAnswer.Unsent(KeysRest), null);

        // If one key has refused the request, a refusal by the next is put down to the request.
        var sent = refused.Exists(other => other != key) ? asking with { IsRepeated = true } : asking;
        if (asking.IsAside)
        {
            return (_breaker.IsClosed ? await Once(sent, key, atMost, traceparent, cancellation) : new ProviderAnswer.Unsent(Resting), key);
        }

        try
        {
            return (await _breaker.Execute(asking.Caller, token => Once(sent, key, atMost, traceparent, token), cancellation), key);
        }
        catch (BrokenCircuitException)
        {
            return (new ProviderAnswer.Unsent(Resting), key);
        }
    }

    private async ValueTask<ProviderAnswer> Once(Asking asking, ProviderKey key, TimeSpan atMost, string? traceparent, CancellationToken cancellation)
    {
        var sent = await http.Send(
            new()
            {
                Endpoint = new($"{options.Url.AbsoluteUri.TrimEnd('/')}/{asking.Path}"),
                Body = asking.Body,
                Headers = [.. options.Wire.HeadersFor(key.Value).Select(header => new AuthHeader(header.Name, header.Value))],
                Accept = asking.Accept,
                Traceparent = traceparent,
                HeadTimeout = atMost,
            },
            cancellation);
        return sent switch
        {
            StreamedResult.Failed { Kind: OutboundFailure.Refused } => new ProviderAnswer.Unsent(NotAllowed),
            StreamedResult.Failed { IsSent: false } => new ProviderAnswer.Unsent(NoConnection),
            StreamedResult.Failed failed => new ProviderAnswer.Unknown(failed.Kind == OutboundFailure.Timeout ? Late : Lost),
            StreamedResult.Answered { Answer: var answer } => await Read(asking, answer, key, atMost, cancellation),
            _ => throw new System.Diagnostics.UnreachableException(sent.GetType().Name),
        };
    }

    private async ValueTask<ProviderAnswer> Read(Asking asking, StreamedAnswer answer, ProviderKey key, TimeSpan atMost, CancellationToken cancellation)
    {
        var isKept = false;
        using var clock = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellation);
        try
        {
            if (answer.Status == 200)
            {
                key.Served();
            }

            if (answer.Status == 200 && asking.Stream && answer.IsEvents)
            {
                isKept = true;
                return new ProviderAnswer.Streamed(new(answer, options.Wire.Stream(), asking.MostSaid, WithoutKeys, time));
            }

            if (answer.Status == 200 && asking.Read is null && IsSound(answer.MediaType))
            {
                isKept = true;
                return new ProviderAnswer.Sounding(new(answer, time));
            }

            var whole = await answer.ReadWhole(answer.Status == 200 ? asking.MostBytes : ModelLimits.ReplyBytes, either.Token);
            if (answer.Status == 200) return whole is { } reply ? WholeOf(asking, reply) : new ProviderAnswer.Unknown(Unreadable);

            var fault = WithoutKeys(options.Wire.ReadError(answer.Status, whole ?? default, answer.RetryAfterSeconds));
            if (!asking.IsAside && _keys.Count > 1) // a single key never rests: what fails for one caller may work for another
            {
                key.Refused(fault, answer.Status, asking);
            }

            return IsSaidByNobody(answer.Status) ? new ProviderAnswer.Unknown(fault) : new ProviderAnswer.Refused(fault);
        }
        catch (InvalidDataException)
        {
            return new ProviderAnswer.Unknown(Unreadable);
        }
        catch (IOException cut)
        {
            return answer.Status is 200 || IsSaidByNobody(answer.Status) ? new ProviderAnswer.Unknown(cut is ContentCodingException ? Unreadable : Lost) : new ProviderAnswer.Refused(options.Wire.ReadError(answer.Status, default, answer.RetryAfterSeconds));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ProviderAnswer.Unknown(Late);
        }
        finally
        {
            if (!isKept)
            {
                answer.Dispose();
            }
        }
    }

    /// <summary>A whole answer to a request for a stream is not read, but its usage is.</summary>
    private ProviderAnswer WholeOf(Asking asking, ReadOnlyMemory<byte> body)
    {
        try
        {
            if (asking is { Stream: false, Read: { } read }) return new ProviderAnswer.Whole(WithoutKeys(read(body)));
        }
        catch (InvalidDataException)
        {
            // It is no reply of this wire. Its usage is read below.
        }

        return asking.ReadCounted?.Invoke(body, Unreadable) is { } counted ? new ProviderAnswer.Whole(counted) : new ProviderAnswer.Unknown(Unreadable);
    }

    /// <summary>A page, or an error that came with 200, is none.</summary>
    private static bool IsSound(string? mediaType) => mediaType is null or "application/octet-stream" || mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase);

    // Something between us and the model gave up waiting: the model may have been run all the same. So it is of a redirect, or whatever else is no answer of the protocol.
    private static bool IsSaidByNobody(int status) => status is 408 or 504 or 520 or 524 or < 400;

    private static bool? IsUnwell(ProviderAnswer answer) => answer switch
    {
        ProviderAnswer.Unsent { Fault: var fault } => fault == NoConnection ? true : null,
        ProviderAnswer.Refused { Fault.Kind: FaultKind.Failed or FaultKind.Overloaded } => true,
        ProviderAnswer.Unknown { Fault: var fault } => fault != Unreadable, // what one request is answered with says nothing of others
        _ => false,
    };

    private ModelReply WithoutKeys(ModelReply reply) => reply.Fault is { } fault ? reply with { Fault = WithoutKeys(fault) } : reply;

    /// <summary>A provider's words go to clients: a key that stands in them is taken out, whatever keys look like there, also where the words were cut within it.</summary>
    private ProviderFault WithoutKeys(ProviderFault fault) =>
        fault with { Message = WithoutKeys(fault.Message), Code = fault.Code is { } code ? WithoutKeys(code) : null, Param = fault.Param is { } param ? WithoutKeys(param) : null };

    private string WithoutKeys(string words)
    {
        foreach (var key in options.Keys.OrderByDescending(static key => key.Length))
        {
            words = words.Replace(key, "…", StringComparison.Ordinal);
            for (var length = key.Length - 1; length >= LeastOfKey; length--)
            {
                if (!words.EndsWith(key[..length], StringComparison.Ordinal)) continue;

                words = string.Concat(words.AsSpan(0, words.Length - length), "…");
                break;
            }
        }

        return words;
    }

    /// <summary>The next key in turn that does not rest and has not refused the request; else the key that refused it last. Null if all keys rest.</summary>
    private ProviderKey? NextKey(List<ProviderKey> refused)
    {
        if (_keys.Count == 0) return ProviderKey.None;

        var turn = (uint)Interlocked.Increment(ref _turn);
        for (var i = 0; i < _keys.Count; i++)
        {
            var key = _keys[(int)((turn + (uint)i) % (uint)_keys.Count)];
            if (!key.Rests && !refused.Contains(key)) return key;
        }

        return refused is [.., { Rests: false } last] ? last : null;
    }
}
