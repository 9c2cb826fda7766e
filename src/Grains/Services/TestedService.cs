using System.Text;
using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Outbound;

namespace Agora.Grains.Services;

/// <summary>
/// What stands in a service's place in a tenant for tests: the first of its answers that fits the input, else what its output schema gives as an example. What it gives is taken for what came
/// over the wire, so schema, price, failures and time are looked at by the code that looks at a real one's. Nothing leaves this process.
/// </summary>
internal static class TestedService
{
    private static readonly byte[] NotJson = "<html>not JSON</html>"u8.ToArray();

    /// <summary>As <see cref="OutboundLimits"/> has them: what it takes to give up.</summary>
    private const int Attempts = 3;

    /// <returns>Null: nothing fits.</returns>
    public static async Task<OutboundResult?> Answer(ServiceDefinition definition, IReadOnlyList<TestAnswer> answers, ServiceCall call, TimeProvider world, CancellationToken unwanted)
    {
        var found = Find(answers, call.Body) ?? OfSchema(definition, call);
        if (found is null) return null;

        var timeout = TimeSpan.FromMilliseconds(definition.TimeoutMs) is var own && own < call.Deadline ? own : call.Deadline;
        var (delay, isLate) = TimeSpan.FromMilliseconds(found.DelayMs) is var asked && asked < timeout ? (asked, false) : (timeout, true);
        try
        {
            await Task.Delay(delay, world, unwanted);
        }
        catch (OperationCanceledException)
        {
            return new OutboundResult.Failed(OutboundFailure.Connection, null, 1);
        }

        return isLate ? new OutboundResult.Failed(OutboundFailure.Timeout, null, 1) : Result(found);
    }

    private static OutboundResult Result(TestAnswer answer) => answer.Fails switch
    {
        null => Given(Encoding.UTF8.GetBytes(answer.Output!), answer),
        TestFailures.NotJson => Given(NotJson, answer),
        TestFailures.Timeout => new OutboundResult.Failed(OutboundFailure.Timeout, null, 1),
        TestFailures.Unavailable => new OutboundResult.Failed(OutboundFailure.BadStatus, 503, Attempts),
        TestFailures.Error => new OutboundResult.Failed(OutboundFailure.BadStatus, 500, 1),
        TestFailures.RefusesInput => new OutboundResult.Failed(OutboundFailure.BadStatus, 422, 1),
        TestFailures.NoConnection => new OutboundResult.Failed(OutboundFailure.Connection, null, Attempts),
        TestFailures.TooLarge => new OutboundResult.Failed(OutboundFailure.TooLarge, 200, 1),
        _ => throw new System.Diagnostics.UnreachableException(answer.Fails),
    };

    private static OutboundResult.Succeeded Given(byte[] body, TestAnswer answer) => new(200, body, 1, answer.CostMicros is { } cost ? Money.FormatCents(cost) : null);

    private static TestAnswer? Find(IReadOnlyList<TestAnswer> answers, ReadOnlyMemory<byte> body)
    {
        if (answers.Count == 0) return null;

        using var input = JsonDocument.Parse(body);
        return answers.FirstOrDefault(answer => answer.Input is null || Same(answer.Input, input.RootElement));
    }

    private static bool Same(string text, JsonElement input)
    {
        using var wanted = JsonDocument.Parse(text);
        return JsonElement.DeepEquals(wanted.RootElement, input);
    }

    /// <summary>The first of its examples, or what it says is usual, of a metered service for the most that it may cost.</summary>
    private static TestAnswer? OfSchema(ServiceDefinition definition, ServiceCall call)
    {
        if (definition.OutputSchema is null) return null;

        using var schema = JsonDocument.Parse(definition.OutputSchema);
        if (schema.RootElement.ValueKind != JsonValueKind.Object) return null;

        JsonElement? output = schema.RootElement.TryGetProperty("examples", out var examples) && examples is { ValueKind: JsonValueKind.Array } && examples.GetArrayLength() > 0 ? examples[0]
            : schema.RootElement.TryGetProperty("default", out var usual) || schema.RootElement.TryGetProperty("const", out usual) ? usual
            : null;
        return output is { } found ? new(null, found.GetRawText(), null, 0, call.HeldMicros) : null;
    }
}
