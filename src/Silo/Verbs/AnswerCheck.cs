using System.Text.Json;
using System.Text.Unicode;
using Agora.Core.Kernel;
using Agora.JsonSchema;
using Agora.Outbound;

namespace Agora.Silo.Verbs;

/// <summary>What Agora would not take of one answer, or not pay, a sentence each.</summary>
/// <param name="maxCost">Of a metered service, in cents; null: its price is fixed.</param>
/// <param name="schema">What the service says of its output; null: nothing.</param>
internal sealed class AnswerCheck(string? maxCost, Schema? schema)
{
    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = Limits.OutputDepth };

    public IEnumerable<string> Faults(OutboundResult.Succeeded answer)
    {
        if (!Utf8.IsValid(answer.Body.Span))
        {
            yield return "not UTF-8: Agora refuses the answer";
        }
        else if (!IsJson(answer.Body))
        {
            yield return $"no JSON, or nested deeper than {Limits.OutputDepth}: Agora refuses the answer";
        }
        else if (!IsOfSchema(answer.Body))
        {
            yield return "the answer is not as its output schema says: Agora refuses it";
        }

        if (OfCost(answer.Cost) is { } cost)
        {
            yield return cost;
        }
    }

    /// <summary>Whether two answers say the same, however they are written.</summary>
    public static bool AreSame(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other)
    {
        if (one.Span.SequenceEqual(other.Span)) return true;
        if (!IsJson(one) || !IsJson(other)) return false;
        using var first = JsonDocument.Parse(one, Bounded);
        using var second = JsonDocument.Parse(other, Bounded);
        try
        {
            return JsonElement.DeepEquals(first.RootElement, second.RootElement);
        }
        catch (InvalidOperationException)
        {
            return false; // A text that is not Unicode, which is seen only when it is read.
        }
    }

    private string? OfCost(string? cost) =>
        maxCost is null ? null
        : cost is null ? "metered cost missing: Agora-Cost-Cents must say what the run cost"
        : !Money.TryParseCents(cost, out var micros) ? "metered cost is no amount in cents such as 12 or 0.25"
        : Money.TryParseCents(maxCost, out var most) && micros > most ? $"metered cost over the maximum: {Money.FormatCents(micros)} of at most {maxCost}, which is all that Agora pays"
        : null;

    private bool IsOfSchema(ReadOnlyMemory<byte> body)
    {
        if (schema is null) return true;
        using var parsed = JsonDocument.Parse(body, Bounded);
        return schema.IsValid(parsed.RootElement);
    }

    /// <summary>Agora takes an answer of any other type too, so it is no fault.</summary>
    public static bool IsJsonType(string? type) =>
        type?.Split(';')[0].Trim() is { } media && (media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static bool IsJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var parsed = JsonDocument.Parse(body, Bounded);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
