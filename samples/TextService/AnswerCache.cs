using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Agora.Samples.TextService;

/// <summary>
/// Remembers what was answered to an Idempotency-Key, so that a caller who did not hear the answer gets the same bytes again.
/// At most 10,000 answers and 32 MiB of them; the oldest go first. Losing one costs nothing but
/// work here, as every answer follows from the text alone.
/// </summary>
internal sealed class AnswerCache(int maxAnswers = 10_000, int maxBytes = 32 << 20)
{
    private const int MaxKeyCharacters = 255;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Path, string Key), Answered> _answers = [];
    private readonly Queue<(string Path, string Key)> _oldest = [];
    private int _bytes;

    public async Task Answer<TRequest>(HttpContext http, Func<TRequest, object> work)
        where TRequest : ITextRequest
    {
        try
        {
            var body = await RequestReader.ReadBody(http.Request);
            var answer = AnswerTo(body, http.Request, work);
            await Write(http.Response, 200, answer);
        }
        catch (BadRequestException problem)
        {
            var error = new { error = new { code = problem.Code, message = problem.Message } };
            await Write(http.Response, problem.Status, JsonSerializer.SerializeToUtf8Bytes(error, Wire.Options));
        }
    }

    private byte[] AnswerTo<TRequest>(byte[] body, HttpRequest request, Func<TRequest, object> work)
        where TRequest : ITextRequest
    {
        var key = request.Headers["Idempotency-Key"].ToString();
        if (key.Length > MaxKeyCharacters)
            throw new BadRequestException(400, "invalid_request", $"Idempotency-Key must not be longer than {MaxKeyCharacters} characters.");
        var id = (request.Path.Value ?? "/", key);
        var hash = Convert.ToHexString(SHA256.HashData(body));
        if (key.Length > 0 && Find(id) is { } known)
            return known.BodyHash == hash
                ? known.Answer
                : throw new BadRequestException(409, "idempotency_conflict", "This Idempotency-Key was used with another body.");
        var answer = JsonSerializer.SerializeToUtf8Bytes(work(RequestReader.Parse<TRequest>(body)), Wire.Options);
        if (key.Length > 0)
            Keep(id, new Answered(hash, answer));
        return answer;
    }

    private Answered? Find((string Path, string Key) id)
    {
        lock (_gate)
            return _answers.GetValueOrDefault(id);
    }

    // Two requests with one key may both get here at once. The first stays: the other's bytes are the same, or its body differs and
    // its next repeat is a conflict.
    private void Keep((string Path, string Key) id, Answered answered)
    {
        lock (_gate)
        {
            if (!_answers.TryAdd(id, answered))
                return;
            _oldest.Enqueue(id);
            _bytes += answered.Answer.Length;
            while (_answers.Count > maxAnswers || _bytes > maxBytes)
            {
                _answers.Remove(_oldest.Dequeue(), out var dropped);
                _bytes -= dropped?.Answer.Length ?? 0;
            }
        }
    }

    private static async Task Write(HttpResponse response, int status, byte[] json)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        await response.Body.WriteAsync(json);
    }

    private sealed record Answered(string BodyHash, byte[] Answer);
}
