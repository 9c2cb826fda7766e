namespace Agora.Core.Kernel;

/// <summary>A command of the union <typeparamref name="TUnion"/> whose reply is a <typeparamref name="TReply"/>: the compiler then knows what the entity answers.</summary>
public interface ICommand<TUnion, TReply>
    where TUnion : class
    where TReply : class;
