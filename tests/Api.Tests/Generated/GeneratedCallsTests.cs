namespace Agora.Api.Tests.Generated;

/// <summary>
/// Calls that nobody thought of, made from the OpenAPI document alone. What it allows is never refused for its content, but for what a JSON Schema cannot say; what it does not allow gets
/// a documented code and changes nothing. Each reply is held to the document too: the client does so.
/// </summary>
public sealed class GeneratedCallsTests
{
    [Fact]
    public async Task What_the_document_does_not_allow_is_refused_with_a_documented_code_and_changes_nothing()
    {
        await using var target = await GeneratedTarget.Start();
        var faults = new List<string>();
        var made = 0;
        foreach (var operation in target.Operations())
        {
            var before = await target.Look();
            foreach (var call in operation.All().Where(call => !call.IsRight))
            {
                made++;
                if (await Sent(target, call, faults) is { } reply && !Names(reply, call))
                {
                    faults.Add($"{reply.Status}: {call}: {reply.Json}");
                }
            }

            var after = await target.Look();
            if (before != after)
            {
                faults.Add($"{operation} changed {string.Join(" | ", after.Split('\n').Except(before.Split('\n')))}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(20)));
        Assert.True(made > 2000, $"{made} calls");
    }

    [Fact]
    public async Task What_the_document_allows_is_not_refused_for_its_content()
    {
        await using var target = await GeneratedTarget.Start();
        var (faults, used) = (new List<string>(), new HashSet<string>());
        var made = 0;
        foreach (var operation in target.Operations())
        {
            foreach (var call in operation.All().Where(call => call.IsRight))
            {
                made++;
                if (await Sent(target, call, faults) is not { } reply || reply.Status is not (400 or 413 or 415 or 422)) continue;

                if (Undeclarable.Of(call, reply) is { } reasons)
                {
                    used.UnionWith(reasons);
                }
                else
                {
                    faults.Add($"{reply.Status}: {call}: {reply.Json}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(20)));
        Assert.True(made > 2000, $"{made} calls");
        Assert.Empty(Undeclarable.Reasons.Except(used));
    }

    /// <summary>What was wrong is named by its place; a bound, and what was sent, in numbers.</summary>
    private static bool Names(Support.Received reply, GeneratedCall call)
    {
        if (reply.Status == 400) return reply.Error.GetProperty("message").GetString()!.Contains(call.At, StringComparison.Ordinal);
        if (reply.Status != 422) return false;
        if (Undeclarable.Of(call, reply) is not null) return true;

        var details = reply.Error.GetProperty("details").EnumerateArray().Select(detail => (Path: detail.GetProperty("path").GetString()!, Message: detail.GetProperty("message").GetString()!)).ToList();
        return call.Beyond is { } beyond
            ? details.Any(detail => detail.Path == call.At && detail.Message.Contains(beyond.Bound, StringComparison.Ordinal) && (call.Method == "PATCH" || detail.Message.Contains(beyond.Given, StringComparison.Ordinal)))
            : details.Any(detail => detail.Path == call.At || detail.Path.StartsWith($"{call.At}/", StringComparison.Ordinal) || call.At.StartsWith($"{detail.Path}/", StringComparison.Ordinal) || Parent(detail.Path) == Parent(call.At));
    }

    /// <summary>Rules between members name the one that has to change.</summary>
    private static string Parent(string pointer) => pointer[..Math.Max(0, pointer.LastIndexOf('/'))];

    /// <returns>Null: what is wrong with the reply is among the faults.</returns>
    private static async Task<Support.Received?> Sent(GeneratedTarget target, GeneratedCall call, List<string> faults)
    {
        try
        {
            return await target.Send(call);
        }
        catch (Xunit.Sdk.XunitException undeclared)
        {
            faults.Add($"{call}: {undeclared.Message}");
            return null;
        }
    }
}
