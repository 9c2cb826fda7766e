namespace Agora.Fuzz.Attacks;

/// <summary>
/// Marks an attack: a static method of any class here that takes a <see cref="Target"/> and returns a <see cref="Task{T}"/> of a sentence that
/// says what broke, or of null where it was refused. Nothing else is needed to add one.
/// </summary>
/// <param name="what">What is tried, as the printed line says it.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AttackAttribute(string what) : Attribute
{
    public string What { get; } = what;
}
