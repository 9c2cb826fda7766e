using System.Diagnostics.CodeAnalysis;

namespace Agora.Core.Kernel;

/// <summary>What must never be false, checked in Release too. A violation writes nothing and ends that activation.</summary>
public static class Invariant
{
    public static void Check([DoesNotReturnIf(false)] bool condition, string name)
    {
        if (!condition) throw new InvariantViolationException(name);
    }
}

/// <summary>A broken invariant: a programmer's error, never an answer to bad input.</summary>
public sealed class InvariantViolationException(string name) : Exception($"Broken invariant: {name}.")
{
    public string Name { get; } = name;
}
