using System.Collections.Frozen;
using System.Reflection;

namespace Agora.Contracts;

/// <summary>
/// The methods of a kind's grain interface, by the command that each takes: <c>Task&lt;Answer&lt;TReply&gt;&gt; Name(CommandEnvelope&lt;TCommand&gt;, CancellationToken)</c>. A command without a method of its own goes by <see cref="IEntityGrain.Send"/>.
/// </summary>
public static class GrainMethods
{
    private static readonly MethodInfo MakeCall = typeof(GrainMethods).GetMethod(nameof(Call), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static FrozenDictionary<Type, GrainMethod> Of(Type marker) => Typed(marker).ToFrozenDictionary(
        static typed => typed.Command,
        typed => new GrainMethod(typed.Method.Name, (Func<IEntityGrain, Envelope, Task<Envelope>>)MakeCall.MakeGenericMethod(marker, typed.Command, typed.Reply).Invoke(null, [typed.Method])!));

    internal static IEnumerable<string> NamesOf(Type marker) => Typed(marker).Select(static typed => typed.Method.Name);

    /// <summary>All types that are replies of methods: Orleans writes the name of a reply's type beside its value.</summary>
    internal static IEnumerable<Type> Replies => Markers.Kinds.Select(Markers.Of).SelectMany(Typed).Select(static typed => typed.Reply).Distinct();

    private static IEnumerable<(MethodInfo Method, Type Command, Type Reply)> Typed(Type marker) =>
        from method in marker.GetMethods()
        let answer = method.ReturnType.GetGenericArguments() is [{ IsGenericType: true } of] && of.GetGenericTypeDefinition() == typeof(Answer<>) ? of.GenericTypeArguments[0] : null
        where answer is not null
        select (method, method.GetParameters()[0].ParameterType.GenericTypeArguments[0], answer);

    private static Func<IEntityGrain, Envelope, Task<Envelope>> Call<TGrain, TCommand, TReply>(MethodInfo method)
        where TCommand : class
        where TReply : class
    {
        var call = method.CreateDelegate<Func<TGrain, CommandEnvelope<TCommand>, CancellationToken, Task<Answer<TReply>>>>();
        return async (grain, envelope) => (await call((TGrain)grain, new(envelope), CancellationToken.None)).Envelope;
    }
}

/// <param name="Call">Sends an envelope with the method's command; its answer as <see cref="IEntityGrain.Send"/> gives it.</param>
public sealed record GrainMethod(string Name, Func<IEntityGrain, Envelope, Task<Envelope>> Call);
