using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>What the options say of every record, no record says again.</summary>
public sealed class StoredJsonTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    private sealed record Sample(string Name, int Count = 0, string? Memo = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Late = false)
    {
        public int Twice => Count * 2;

        public string Made { get; } = "made";

        public bool Told { get; private init; }
    }

    [Fact]
    public void Neither_null_nor_what_is_computed_is_written() =>
        Assert.Equal("""{"name":"a","count":0}""", JsonSerializer.Serialize(new Sample("a"), StoredJson.Options));

    [Fact]
    public void What_a_constructor_takes_is_written_also_without_a_setter() => Assert.Equal("""{"answer":42}""", JsonSerializer.Serialize(new { answer = 42 }, StoredJson.Options));

    [Fact]
    public void No_member_that_may_be_null_says_that_null_is_not_written() =>
        Assert.DoesNotContain(Members(JsonIgnoreCondition.WhenWritingDefault), p => Nullability.Create(p).ReadState is NullabilityState.Nullable);

    [Fact]
    public void No_member_that_is_only_computed_says_that_it_is_not_written() =>
        Assert.DoesNotContain(Members(JsonIgnoreCondition.Always), p => p.SetMethod is not { IsPublic: true });

    private static IEnumerable<PropertyInfo> Members(JsonIgnoreCondition condition) => typeof(Manifest).Assembly.GetTypes()
        .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(p => p.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition == condition);
}
