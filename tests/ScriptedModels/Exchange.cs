using System.Buffers;
using System.Text;
using System.Text.Json;
using Agora.ScriptedModels.Makers;
using Microsoft.AspNetCore.Http;

namespace Agora.ScriptedModels;

/// <summary>One request, from its first byte to the truth about it.</summary>
internal sealed partial class Exchange(ScriptedProvider provider, HttpContext http)
{
    private static readonly Chat OfChat = new();
    private static readonly Responses OfResponses = new();
    private static readonly Messages OfMessages = new();
    private static readonly Generate OfGenerate = new();

    private readonly Script _script = provider.Script;
    private readonly int _number = provider.Ledger.Begin();

    public async Task Serve()
    {
        try
        {
            var body = await ReadBody();
            See(body);
            await Answer(body);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException or ObjectDisposedException)
        {
            // The client has left, or this server is being stopped.
        }
        finally
        {
            provider.Ledger.End();
        }
    }

    /// <summary>Both the request and the status of its reply are in the ledger before the client has a byte of the reply.</summary>
    private void See(byte[] body)
    {
        if (_script.Keep <= 0) return;

        var headers = http.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var seen = new SeenRequest(_number, http.Request.Method, http.Request.Path + http.Request.QueryString, headers, body);
        provider.Ledger.Add(seen, _script.Keep);
        http.Response.OnStarting(() =>
        {
            seen.Status = http.RequestAborted.IsCancellationRequested ? 0 : http.Response.StatusCode;
            return Task.CompletedTask;
        });
    }

    private async Task Answer(byte[] body)
    {
        JsonDocument? document = null;
        var maker = Route.MakerOf(http.Request);
        try
        {
            var route = Route.Of(http.Request) ?? throw new RefusedException(404, $"Invalid URL ({http.Request.Method} {http.Request.Path})", "unknown_url");
            maker = route.Maker;
            var key = route.KeyOf(http.Request);
            CheckKey(route, key);
            document = body.Length > 0 ? Parse(body) : null;
            if (document is null && route.Endpoint != Endpoint.Models)
            {
                throw new RefusedException(400, "We could not parse the JSON body of your request.");
            }

            var asked = new Asked(_number, route.Maker, route.Endpoint, http.Request.Path.Value ?? "", key, document?.RootElement ?? default) { Model = route.Model, Stream = route.Stream };
            var talker = TalkerOf(route);
            asked = talker?.Read(asked, _script.IsLenient) ?? Others.Read(asked);
            var reply = _script.ReplyTo(asked);
            var fault = _script.FaultOf(asked, reply);
            if (reply.Before > TimeSpan.Zero)
            {
                await Task.Delay(reply.Before, http.RequestAborted);
            }

            if (reply.Until is { } until)
            {
                await until.WaitAsync(http.RequestAborted);
            }

            await (talker is null || asked.Endpoint == Endpoint.CountTokens ? Tell(asked, reply, fault, route) : Talk(talker, asked, reply, fault));
        }
        catch (RefusedException refused)
        {
            Error(maker, refused.Status, refused.Message, refused.Code, refused.Param);
        }
        finally
        {
            document?.Dispose();
        }
    }

    private static JsonDocument Parse(byte[] body)
    {
        try
        {
            var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
        }
        catch (JsonException)
        {
            // Refused as any other body that is no object.
        }

        throw new RefusedException(400, "We could not parse the JSON body of your request.");
    }

    private static IMaker? TalkerOf(Route route) => (route.Maker, route.Endpoint) switch
    {
        (_, Endpoint.Chat) => OfChat,
        (_, Endpoint.Responses) => OfResponses,
        (_, Endpoint.Messages) or (Maker.Anthropic, Endpoint.CountTokens) => OfMessages,
        (_, Endpoint.Generate) => OfGenerate,
        _ => null,
    };

    private void CheckKey(Route route, string key)
    {
        if (route.Maker == Maker.Anthropic && !http.Request.Headers.ContainsKey("anthropic-version"))
        {
            throw new RefusedException(400, "anthropic-version: header is required");
        }

        if (key.Length > 0 && (_script.Keys.Count == 0 || _script.Keys.Contains(key))) return;
        throw (route.Maker, key.Length) switch
        {
            (Maker.Google, 0) => new RefusedException(403, "Method doesn't allow unregistered callers. Please use API Key or other form of API consumer identity to call this API."),
            (Maker.Google, _) => new RefusedException(400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID"),
            (Maker.Anthropic, 0) => new RefusedException(401, "x-api-key header is required"),
            (Maker.Anthropic, _) => new RefusedException(401, "invalid x-api-key"),
            (_, 0) => new RefusedException(401, "You didn't provide an API key."),
            _ => new RefusedException(401, "Incorrect API key provided.", "invalid_api_key"),
        };
    }

    private void Error(Maker maker, int status, string? message, string? code = null, string? param = null, int? retryAfterSeconds = null)
    {
        if (retryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = $"{seconds}";
        }

        Send(status, "application/json", Encoding.UTF8.GetBytes(Errors.Of(maker, status, message, code, param, retryAfterSeconds)));
    }

    /// <summary>It leaves when this request is over: a client that has it finds the truth about it in the ledger.</summary>
    private void Send(int status, string type, ReadOnlyMemory<byte> body)
    {
        (http.Response.StatusCode, http.Response.ContentType, http.Response.ContentLength) = (status, type, body.Length);
        http.Response.BodyWriter.Write(body.Span);
    }

    private async Task<byte[]> ReadBody()
    {
        if (http.Request.ContentLength is { } length)
        {
            var body = new byte[length];
            await http.Request.Body.ReadExactlyAsync(body, http.RequestAborted);
            return body;
        }

        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
        return buffer.ToArray();
    }
}
