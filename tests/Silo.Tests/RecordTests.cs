using System.Reflection;
using System.Runtime.CompilerServices;

namespace Agora.Silo.Tests;

/// <summary>
/// A record's text has all its properties: one that is computed and of the record's own kind has the text of that in it, and so on until the stack is full, which ends the process. It is a method.
/// </summary>
public sealed class RecordTests
{
    [Fact]
    public void No_record_computes_one_of_its_own_kind_as_a_property()
    {
        var records = Directory.GetFiles(AppContext.BaseDirectory, "Agora.*.dll").Select(Assembly.LoadFrom).SelectMany(static assembly => assembly.GetTypes()).Where(static type => type.FullName?.Contains(".Tests", StringComparison.Ordinal) != true && IsPrinted(type)).ToList();

        Assert.True(records.Count > 500, $"{records.Count} records");
        Assert.Empty(records.SelectMany(Computed).Select(static property => $"{property.DeclaringType}.{property.Name}"));
    }

    [Fact]
    public void One_that_does_is_found()
    {
        Assert.True(IsPrinted(typeof(Endless)));
        Assert.Equal([nameof(Endless.Next)], Computed(typeof(Endless)).Select(static property => property.Name));
    }

    private static bool IsPrinted(Type type) => type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly) is { } printer && IsGenerated(printer)
        && type.GetMethod(nameof(ToString), BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly, []) is { } text && IsGenerated(text);

    private static IEnumerable<PropertyInfo> Computed(Type type) => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        .Where(property => property.PropertyType != typeof(object) && property.GetMethod is { IsPublic: true } get && !IsGenerated(get) && (property.PropertyType.IsAssignableFrom(type) || type.IsAssignableFrom(property.PropertyType)));

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute));

    public sealed record Endless(int Number)
    {
        public Endless Next => this with { Number = Number + 1 };

        public Endless? Kept { get; init; }
    }
}
