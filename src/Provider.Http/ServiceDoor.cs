using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.Client.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Agora.Provider.Http;

/// <summary>
/// What docs/services.md asks of a service.
/// <para>DoneOnce: a run id is executed once, and answered the same each time; only what is to be tried again (503) is not kept.</para>
/// <para>AgoraAlone: nothing is read of an input before the signature is found good.</para>
/// </summary>
internal sealed partial class ServiceDoor(AgoraServiceOptions options, ILogger log)
{
    private const int InputBytes = 262_144;
    private const int OutputBytes = 1_048_576;
    private const int RunIdLength = 255;

    private readonly FindKey _find = options.FindKey ?? new KeySet(options.Agora ?? new(Environment.GetEnvironmentVariable("AGENT_API_URL") ?? "http://127.0.0.1:8080"), options.Time).Find;
    private readonly RunTurns _turns = new();

    /// <summary>Once, at start: what makes every call be refused 401.</summary>
    public void Warn(AgoraService service)
    {
        if (options.Verify && options.Url.AbsolutePath.TrimEnd('/').EndsWith($"/{service.Id}", StringComparison.Ordinal))
        {
            UrlHasPath(log, $"/{service.Id}", MappedService.Endpoint(options.Url, service.Id));
        }
    }

    public async Task Run<TInput>(HttpContext http, AgoraService service, Func<TInput, AgoraCall, Task<object?>> run, bool streams)
    {
        if (await Body(http) is not { } body)
        {
            await Refuse(http, 413, "payload_too_large", $"A body has at most {InputBytes} bytes.");
            return;
        }

        if (await Refused(http, service, body)) return;

        var (input, broken) = InputSchema.Read<TInput>(body);
        if (broken.Count > 0)
        {
            await Refuse(http, 422, "validation_failed", "The input is not valid; details lists what is wrong.", broken);
            return;
        }

        var (runId, hash) = (http.Request.Headers["Idempotency-Key"].ToString(), Convert.ToHexString(SHA256.HashData(body)));
        using var turn = await _turns.Take(runId, http.RequestAborted);
        if (await options.Answers.Find(runId, http.RequestAborted) is { } known)
        {
            await (known.BodyHash == hash ? Send(http, known) : Refuse(http, 409, "idempotency_conflict", "This Idempotency-Key came with another body before."));
            return;
        }

        var answer = await Execute(http, service, () => run(input!, new(runId, MaxCost(http))), hash, streams);
        if (answer is null)
        {
            await Refuse(http, 503, "unavailable", "Try again.");
            return;
        }

        await options.Answers.Keep(runId, answer, CancellationToken.None);
        await (http.Response.HasStarted ? End(http, answer) : Send(http, answer));
    }

    public async Task Cancel(HttpContext http, AgoraService service)
    {
        if (await Refused(http, service, default)) return;

        http.Response.StatusCode = service.Cancelled is null ? StatusCodes.Status404NotFound : StatusCodes.Status204NoContent;
        await (service.Cancelled?.Invoke(http.Request.Headers["Idempotency-Key"].ToString()) ?? Task.CompletedTask);
    }

    private async Task<bool> Refused(HttpContext http, AgoraService service, ReadOnlyMemory<byte> body)
    {
        if (http.Request.Headers["Idempotency-Key"].ToString() is { Length: 0 or > RunIdLength })
        {
            await Refuse(http, 400, "malformed_request", "A run has an Idempotency-Key.");
            return true;
        }

        if (!options.Verify) return false;

        try
        {
            string? Header(string name) => http.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;
            var why = await CallSignature.WhyNot(http.Request.Method, new Uri(MappedService.Endpoint(options.Url, service.Id)), Header, body, _find, options.Time.GetUtcNow(), http.RequestAborted);
            if (why is null) return false;

            await Refuse(http, 401, "unauthorized", why == CallSignature.NotSigned ? Elsewhere(http, service, why) : why);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or ReceiptInvalidException or TaskCanceledException)
        {
            KeysAway(log, e);
            await Refuse(http, 503, "unavailable", "Agora's key set cannot be read.");
        }

        return true;
    }

    /// <summary>The most common reason: the call was signed for another address than the expected one. A signature does not say its address, so both are named.</summary>
    private string Elsewhere(HttpContext http, AgoraService service, string why)
    {
        var path = http.Request.PathBase + http.Request.Path;
        var came = HostName().IsMatch(http.Request.Host.Value ?? "") ? $"{http.Request.Host.Value}{path}" : path.ToString();
        why = $"{why} Expected: a call that is signed for {MappedService.Endpoint(options.Url, service.Id)}. This call came to {came}. If Agora has another address registered, set Url to it, without /{service.Id} at its end.";
        Unauthorized(log, why);
        return why;
    }

    /// <summary>Null: it is to be tried again.</summary>
    private async Task<Answer?> Execute(HttpContext http, AgoraService service, Func<Task<object?>> run, string hash, bool streams)
    {
        try
        {
            var output = await run();
            if (streams) return new(hash, 200, null, await Stream(http, (IAsyncEnumerable<object?>)output!));

            var metered = output as IMetered;
            var body = JsonSerializer.SerializeToUtf8Bytes(metered is null ? output : metered.Output, InputSchema.Json);
            return body.Length <= OutputBytes ? new(hash, 200, metered?.CostCents.ToString(CultureInfo.InvariantCulture), body) : throw new InvalidOperationException($"An answer has at most {OutputBytes} bytes.");
        }
        catch (TryAgainException) when (!http.Response.HasStarted)
        {
            return null;
        }
        catch (RefusedException refused)
        {
            return new(hash, 422, null, Error(refused.Code, refused.Message));
        }
        catch (Exception e)
        {
            RunFailed(log, e, service.Id);
            return new(hash, 500, null, Error("internal", "The service has failed."));
        }
    }

    /// <summary>Items as they come, as one JSON array. Whoever has gone does not end the run: it is asked for again.</summary>
    private static async Task<byte[]> Stream(HttpContext http, IAsyncEnumerable<object?> items)
    {
        using var whole = new MemoryStream();
        await foreach (var item in items)
        {
            byte[] part = [(byte)(whole.Length == 0 ? '[' : ','), .. JsonSerializer.SerializeToUtf8Bytes(item, InputSchema.Json)];
            if (whole.Length + part.Length >= OutputBytes) throw new InvalidOperationException($"An answer has at most {OutputBytes} bytes.");

            whole.Write(part);
            if (http.RequestAborted.IsCancellationRequested) continue;

            if (!http.Response.HasStarted)
            {
                http.Response.ContentType = "application/json";
            }

            await http.Response.Body.WriteAsync(part, CancellationToken.None);
            await http.Response.Body.FlushAsync(CancellationToken.None);
        }

        return [.. whole.Length == 0 ? "["u8 : whole.ToArray(), (byte)']'];
    }

    /// <summary>What is broken off in the middle has no end, so it is no JSON, and the run fails.</summary>
    private static async Task End(HttpContext http, Answer answer)
    {
        if (answer.Status == 200)
        {
            await http.Response.Body.WriteAsync("]"u8.ToArray(), CancellationToken.None);
        }
        else
        {
            http.Abort();
        }
    }

    /// <summary>Null: it is too large.</summary>
    private static async Task<byte[]?> Body(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = InputBytes;
        }

        try
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            return body.ToArray();
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }

    private static decimal? MaxCost(HttpContext http) =>
        decimal.TryParse(http.Request.Headers["Agora-Max-Cost-Cents"], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cents) ? cents : null;

    private static async Task Send(HttpContext http, Answer answer)
    {
        (http.Response.StatusCode, http.Response.ContentType, http.Response.ContentLength) = (answer.Status, "application/json", answer.Body.Length);
        if (answer.CostCents is not null)
        {
            http.Response.Headers["Agora-Cost-Cents"] = answer.CostCents;
        }

        await http.Response.Body.WriteAsync(answer.Body, CancellationToken.None);
    }

    private static Task Refuse(HttpContext http, int status, string code, string message, IReadOnlyList<Violation>? details = null) => Send(http, new("", status, null, Error(code, message, details)));

    private static byte[] Error(string code, string message, IReadOnlyList<Violation>? details = null) => JsonSerializer.SerializeToUtf8Bytes(new { error = new { code, message, details } }, InputSchema.Json);

    [LoggerMessage(LogLevel.Error, "Agora's key set cannot be read.")]
    private static partial void KeysAway(ILogger log, Exception why);

    [LoggerMessage(LogLevel.Warning, "{Why}")]
    private static partial void Unauthorized(ILogger log, string why);

    [LoggerMessage(LogLevel.Warning, "Url ends in {Path}, so only calls to {Endpoint} are accepted. Url is the endpoint that is registered with Agora, without the service's own path.")]
    private static partial void UrlHasPath(ILogger log, string path, string endpoint);

    [GeneratedRegex(@"^[A-Za-z0-9.:\[\]-]{1,255}\z")]
    private static partial Regex HostName();

    [LoggerMessage(LogLevel.Error, "A run of {Service} has failed.")]
    private static partial void RunFailed(ILogger log, Exception why, string service);
}
