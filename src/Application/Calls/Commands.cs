using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Application.Calls;

/// <summary>Ids, keys and traces of the commands that this process sends.</summary>
internal static class Commands
{
    /// <summary>The context of a question, which has no idempotency key.</summary>
    public static CommandContext Fresh(TimeProvider time) => new(FreshIds.Next(time.GetUtcNow()), System.Diagnostics.Activity.Current?.Id);

    /// <summary>The context of a command with an idempotency key. Its id follows from the key, so that a repeat is the same command. Without a key it has a fresh id.</summary>
    /// <param name="tenant">With <paramref name="credential"/>, the namespace of the key.</param>
    /// <param name="bodyHash">The hash of the request: the same key with another hash is a conflict.</param>
    /// <param name="kept">How long the key is known, in whole seconds.</param>
    public static CommandContext Keyed(Tenant tenant, string? key, string credential, string bodyHash, TimeSpan kept, TimeProvider time)
    {
        var trace = System.Diagnostics.Activity.Current?.Id;
        var requestId = FreshIds.Next(time.GetUtcNow());
        return key is null
            ? new(requestId, trace)
            : new(Ids.FromKey(tenant.Name, credential, key), trace, new CommandKey(credential, key, bodyHash, (long)kept.TotalSeconds, requestId));
    }
}
