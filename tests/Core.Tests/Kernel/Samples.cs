using System.Collections.Immutable;
using System.Numerics;
using System.Reflection;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>A value of any stored type with every member set, so that a round trip that loses one is seen. Of a union, its first case.</summary>
public static class Samples
{
    private static readonly Dictionary<Type, object> Leaves = new()
    {
        [typeof(string)] = "a\u00e9\"",
        [typeof(bool)] = true,
        [typeof(int)] = 7,
        [typeof(long)] = 1_000_000_007L,
        [typeof(BigInteger)] = new BigInteger(1_000_000_007L),
        [typeof(Guid)] = new Guid("01957a00-0000-7000-8000-000000000001"),
        [typeof(DateTimeOffset)] = new DateTimeOffset(2026, 3, 1, 12, 30, 45, 678, 901, TimeSpan.Zero),
        [typeof(Personal)] = Personal.Of("secret"),
        [typeof(StreamId)] = StreamId.Session("s1"),
        [typeof(ReadOnlyMemory<byte>)] = new ReadOnlyMemory<byte>([1, 2, 3]),
    };

    public static object Of(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (Leaves.TryGetValue(plain, out var leaf)) return leaf;
        if (plain.IsEnum) return Enum.GetValues(plain).GetValue(plain.GetEnumValues().Length - 1)!;
        if (plain.IsGenericType && plain.GetGenericTypeDefinition() == typeof(ImmutableArray<>)) return List(nameof(ImmutableArrayOf), plain);
        if (plain.IsGenericType && plain.IsAssignableFrom(typeof(List<>).MakeGenericType(plain.GenericTypeArguments[0])))
        {
            return List(nameof(ListOf), plain);
        }

        if (plain.IsAbstract) return Of(plain.GetNestedTypes().First(t => t.IsSubclassOf(plain)));

        // The widest constructor is the record's own; init-only members are set besides. A code must be one of ours, to have a status.
        var constructor = plain.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        var made = constructor.Invoke([.. constructor.GetParameters().Select(p => p.Name == "Code" && p.ParameterType == typeof(string) ? Codes.Internal : Of(p.ParameterType))]);
        foreach (var member in plain.GetProperties().Where(p => p.CanWrite && p.GetValue(made) is null && p.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition != JsonIgnoreCondition.Always))
        {
            member.SetValue(made, Of(member.PropertyType));
        }

        return made;
    }

    /// <summary>One value; of a case that carries another union, one for each of that union's cases.</summary>
    public static IEnumerable<object> Each(Type type) => CarriedUnion(type) is { } union
        ? union.GetNestedTypes().Where(t => t.IsSubclassOf(union)).Select(t => Activator.CreateInstance(type, Of(t))!)
        : [Of(type)];

    /// <summary>What a case carries of another union; null: nothing.</summary>
    public static object? Carried(object value) => CarriedUnion(value.GetType()) is null ? null : value.GetType().GetProperties().Single(p => p.PropertyType.IsAbstract).GetValue(value);

    private static Type? CarriedUnion(Type type) => type.GetConstructors() is [var only] && only.GetParameters() is [var carried] && carried.ParameterType is { IsAbstract: true, IsInterface: false } union ? union : null;

    private static object List(string maker, Type list) =>
        typeof(Samples).GetMethod(maker, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(list.GenericTypeArguments[0]).Invoke(null, null)!;

    private static ImmutableArray<T> ImmutableArrayOf<T>() => [(T)Of(typeof(T)), (T)Of(typeof(T))];

    private static List<T> ListOf<T>() => [(T)Of(typeof(T)), (T)Of(typeof(T))];
}
