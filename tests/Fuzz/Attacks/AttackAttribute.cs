namespace Agora.Fuzz.Attacks;

/// <summary>
/// Marks an attack: a static method of any class here that takes a <see cref="Target"/> and returns a <see cref="Task{T}"/> of a
/// <see cref="Verdict"/>. Nothing else is needed to add one.
/// </summary>
/// <param name="number">Of the fault that it tries: attacks of one fault stand together.</param>
/// <param name="what">What is tried, as the printed line says it.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AttackAttribute(int number, string what) : Attribute
{
    public int Number { get; } = number;

    public string What { get; } = what;

    /// <summary>It is tried only where it is asked for by name: it takes minutes, and more than a shared machine has.</summary>
    public bool IsLong { get; init; }
}

/// <summary>What came of an attack.</summary>
/// <param name="Broken">What it broke; null: it was refused.</param>
/// <param name="Measured">What was measured on the way, for the printed line; null: nothing.</param>
public readonly record struct Verdict(string? Broken, string? Measured = null)
{
    public static implicit operator Verdict(string? broken) => new(broken);

    public static Verdict ToVerdict(string? broken) => broken;
}
