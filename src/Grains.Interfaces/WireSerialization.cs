using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;

namespace Elasticity.Grains;

/// <summary>Teaches Orleans the types of the domain, which know nothing of Orleans.</summary>
public static class WireSerialization
{
    /// <summary>Registers them. Silos and clients need the same.</summary>
    /// <param name="services">The services of a silo or a client.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddElasticityWire(this IServiceCollection services)
    {
        services.AddSerializer(serializer => serializer.AddJsonSerializer(
            isSerializable: WireJson.Holds,
            isCopyable: static _ => false,
            configureOptions: builder => builder.Configure(o => o.SerializerOptions = WireJson.Options)));
        services.AddSingleton<IGeneralizedCopier, ImmutableSharer>();
        return services;
    }

    /// <summary>They are immutable: inside a silo they are shared, not copied.</summary>
    private sealed class ImmutableSharer : IGeneralizedCopier
    {
        public bool IsSupportedType(Type type) => WireJson.Holds(type);

        public object? DeepCopy(object? input, CopyContext context) => input;
    }
}
