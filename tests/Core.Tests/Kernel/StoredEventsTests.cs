using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>
/// Stored events of every version ever written are kept, in Stored/*.json, and must decode for ever. A new event or version adds
/// an entry (the test that misses it says which); no entry is ever changed or taken away.
/// </summary>
public sealed class StoredEventsTests
{
    public static TheoryData<Type> Deciders => [.. typeof(IDecider<,,>).Assembly.GetTypes().Where(t => !t.IsAbstract && Union(t) is not null)];

    [Theory]
    [MemberData(nameof(Deciders))]
    public void Every_event_that_is_written_today_is_kept(Type decider) => Run(decider, nameof(AllAreKept));

    [Theory]
    [MemberData(nameof(Deciders))]
    public void Every_event_that_was_ever_written_is_read(Type decider) => Run(decider, nameof(AllAreRead));

    private static void AllAreKept<TEvent>(string feature, UnionCodec<TEvent> codec)
        where TEvent : class
    {
        var kept = Kept(feature).Select(e => (e.Name, e.Version)).ToHashSet();
        var missing = codec.Cases.Select(type => codec.Encode((TEvent)Samples.Of(type))).Where(e => !kept.Contains((e.Name, e.Version))).Select(Line).ToList();
        Assert.True(missing.Count == 0, $"Add to Stored/{feature}.json:\n{string.Join(",\n", missing)}");
    }

    private static void AllAreRead<TEvent>(string feature, UnionCodec<TEvent> codec)
        where TEvent : class
    {
        var today = codec.Cases.Select(type => codec.Encode((TEvent)Samples.Of(type))).Select(e => (e.Name, e.Version)).ToHashSet();
        foreach (var stored in Kept(feature))
        {
            var read = codec.Decode(stored.Name, stored.Version, JsonSerializer.SerializeToUtf8Bytes(stored.Payload, StoredJson.Options), stored.Personal is { } p ? Personal.Of(p) : null);
            if (today.Contains((stored.Name, stored.Version)))
            {
                // Written again it is the same: nothing of what was stored is dropped.
                var again = codec.Encode(read);
                Assert.True(JsonNode.DeepEquals(stored.Payload, JsonNode.Parse(again.Payload)), $"{stored.Name} {stored.Version} is read as {System.Text.Encoding.UTF8.GetString(again.Payload)}");
                Assert.Equal(stored.Personal, again.Personal?.Read<string>());
            }
        }
    }

    private static string Line(EncodedCase e) => JsonSerializer.Serialize(
        new Stored(e.Name, e.Version, JsonNode.Parse(e.Payload)!.AsObject(), e.Personal?.Read<string>()), StoredJson.Options);

    private static IReadOnlyList<Stored> Kept(string feature)
    {
        using var file = typeof(StoredEventsTests).Assembly.GetManifestResourceStream($"Stored.{feature}.json");
        return file is null ? [] : JsonSerializer.Deserialize<List<Stored>>(file, StoredJson.Options)!;
    }

    private static Type? Union(Type type) => type.GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IDecider<,,>));

    private static void Run(Type decider, string check)
    {
        var codec = decider.GetProperty("Events", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        typeof(StoredEventsTests).GetMethod(check, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(Union(decider)!.GenericTypeArguments[2])
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [decider.Name.Replace("Decider", "", StringComparison.Ordinal), codec], null);
    }

    private sealed record Stored(string Name, int Version, JsonObject Payload, string? Personal);
}
