using System.Buffers;
using System.Text.Json;
using Agora.Outbound;

namespace Agora.Providers;

/// <summary>Who says of texts whether they are to be refused. No record: its key would be printed wherever it is logged.</summary>
public sealed class ModeratorOptions
{
    /// <summary>The whole address of an endpoint that speaks as OpenAI's /v1/moderations does.</summary>
    public required Uri Url { get; init; }

    /// <summary>Null: it wants none.</summary>
    public string? Key { get; init; }

    /// <summary>Null: its usual one.</summary>
    public string? Model { get; init; }

    /// <summary>For all texts of one request.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Where it cannot be asked, or says nothing that can be read, texts pass. False: they are refused.</summary>
    public bool AllowsOnFailure { get; init; }
}

/// <summary>Closed: what is said of texts.</summary>
public abstract record Moderation
{
    private Moderation()
    {
    }

    public sealed record Passed : Moderation;

    /// <param name="Categories">As it names them, each once, in order.</param>
    public sealed record Flagged(IReadOnlyList<string> Categories) : Moderation;

    /// <param name="Why">For the operator's log; none of the texts is in it.</param>
    /// <param name="IsOfRequest">It was asked, and would not look at these very texts: whoever sends them could choose that.</param>
    public sealed record Failed(string Why, bool IsOfRequest = false) : Moderation;
}

/// <summary>
/// Asks whether texts are to be refused, behind the guard of all outbound calls. They go nowhere else: what is said of them has none of their words. Thread-safe.
/// </summary>
public sealed class Moderator(ModeratorOptions options, HttpStreams http, TimeProvider time)
{
    /// <summary>Texts that are asked about at once.</summary>
    public const int TextsAtOnce = 256;

    private const int AnswerBytes = 4 * 1024 * 1024;
    private const int MostCategories = 32;
    private const int CategoryLength = 64;

    public bool AllowsOnFailure => options.AllowsOnFailure;

    public async Task<Moderation> Check(IReadOnlyList<string> texts)
    {
        var (started, categories, isFlagged) = (time.GetTimestamp(), new SortedSet<string>(StringComparer.Ordinal), false);
        foreach (var some in texts.Chunk(TextsAtOnce))
        {
            var left = options.Timeout - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return new Moderation.Failed("It did not answer in time.");

            switch (await Ask(some, left))
            {
                case Moderation.Failed failed:
                    return failed;
                case Moderation.Flagged flagged:
                    isFlagged = true;
                    categories.UnionWith(flagged.Categories);
                    break;
            }
        }

        return isFlagged ? new Moderation.Flagged([.. categories.Take(MostCategories)]) : new Moderation.Passed();
    }

    private async Task<Moderation> Ask(string[] texts, TimeSpan atMost)
    {
        using var clock = new CancellationTokenSource(atMost, time);
        var sent = await http.Send(
            new()
            {
                Endpoint = options.Url,
                Body = Body(texts),
                Headers = options.Key is { } key ? [new("Authorization", $"Bearer {key}")] : [],
                HeadTimeout = atMost,
            },
            CancellationToken.None);
        if (sent is not StreamedResult.Answered { Answer: var answer })
        {
            return new Moderation.Failed($"It could not be asked ({((StreamedResult.Failed)sent).Kind}).");
        }

        try
        {
            using (answer)
            {
                if (answer.Status != 200)
                {
                    return new Moderation.Failed($"It answered {answer.Status}.", IsOfRequest: answer.Status is 400 or 413 or 422);
                }

                return await answer.ReadWhole(AnswerBytes, clock.Token) is { } body ? Read(body, texts.Length) : new Moderation.Failed("Its answer is too long.");
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return new Moderation.Failed("Its answer was cut off.");
        }
    }

    private ReadOnlyMemory<byte> Body(string[] texts)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            if (options.Model is { } model)
            {
                json.WriteString("model"u8, model);
            }

            json.WriteStartArray("input"u8);
            foreach (var text in texts)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return body.WrittenMemory;
    }

    /// <summary>One result for each text, or nothing is known of them.</summary>
    private static Moderation Read(ReadOnlyMemory<byte> body, int texts)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var results = document.RootElement.GetProperty("results").EnumerateArray().ToList();
            if (results.Count != texts) return new Moderation.Failed("Its answer has not one result for each text.");

            var flagged = results.Where(static result => result.GetProperty("flagged").GetBoolean()).ToList();
            return flagged.Count == 0 ? new Moderation.Passed() : new Moderation.Flagged([.. flagged.SelectMany(Categories).Distinct(StringComparer.Ordinal)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new Moderation.Failed("Its answer could not be read.");
        }
    }

    /// <summary>Names only: whatever else stood there would go to the client.</summary>
    private static IEnumerable<string> Categories(JsonElement result) => !result.TryGetProperty("categories", out var categories) || categories.ValueKind != JsonValueKind.Object ? []
        : categories.EnumerateObject().Where(static category => category.Value.ValueKind == JsonValueKind.True && IsName(category.Name)).Select(static category => category.Name);

    private static bool IsName(string name) => name.Length is > 0 and <= CategoryLength && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or ' ');
}
