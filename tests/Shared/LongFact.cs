namespace Agora.Testing;

/// <summary>Takes long, and what it looks at is looked at by a shorter one too: <c>./test</c> says that it leaves it out, <c>./test --whole</c> and <c>dotnet test</c> run it.</summary>
internal sealed class LongFactAttribute : FactAttribute
{
    public LongFactAttribute() => Skip = Length.Skip;
}

/// <inheritdoc cref="LongFactAttribute"/>
internal sealed class LongTheoryAttribute : TheoryAttribute
{
    public LongTheoryAttribute() => Skip = Length.Skip;
}

internal static class Length
{
    /// <summary>Null: it runs.</summary>
    public static string? Skip { get; } = Environment.GetEnvironmentVariable("TEST_LENGTH") == "short" ? "it is long: ./test --whole runs it" : null;

    /// <summary>How many of what takes long one by one.</summary>
    public static int Of(int whole, int shorter) => Skip is null ? whole : shorter;
}
